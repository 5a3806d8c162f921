//! Reading, printing, refusing and answering filters.

mod answers;
mod language;
mod properties;

use super::*;
use crate::scim::{ScimType, patch::PatchPath, schema};
use serde_json::{Value, json};

fn ana() -> Value {
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
        "id": "2819C223",
        "externalId": "AbC",
        "userName": "Ana@Contoso.com",
        "name": {"givenName": "Ana", "familyName": "O\"Neil"},
        "displayName": "Ana Ruiz",
        "active": true,
        "emails": [
            {"value": "ana@contoso.com", "type": "work", "primary": true},
            {"value": "home@x.org", "type": "home"},
            {"value": "third@y.net"},
        ],
        "phoneNumbers": [{"type": "fax"}],
        schema::ENTERPRISE_URN: {"department": "Sales", "manager": {"value": "Mm-1"}},
        "meta": {"resourceType": "User", "created": "2026-11-22T22:50:00.123Z", "lastModified": "2026-11-22T22:50:00.123Z"},
    })
}
