//! The users of a benchmark, and their journal entries.

use rollcall::{
    model::{
        id::TenantId,
        journal::{Action, Actor, NewEntry, ResourceKind, ResourceRef, Status},
        page::Source,
    },
    scim::{
        document::{Document, Resource},
        schema::{self, Types},
        time::DateTime,
    },
    store::{NewUser, Store},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::T0;

/// Concurrent writes, which are committed together.
const AT_ONCE: u32 = 256;

/// Stores users, each with a journal entry.
pub async fn fill(store: &Store, tenant: TenantId, size: u32) {
    for from in (0..size).step_by(AT_ONCE as usize) {
        let mut writes = JoinSet::new();
        for number in from..size.min(from + AT_ONCE) {
            let store = store.clone();
            writes.spawn(async move {
                store.insert_user(tenant, &Types::built_in(), &user(number), &entry(number)).await.unwrap();
            });
        }
        writes.join_all().await;
    }
}

pub fn id(number: u32) -> Uuid {
    // Distributed like the ids of real users.
    Uuid::from_u128(u128::from(number) << 64 | u128::from(number.wrapping_mul(2_654_435_761)))
}

pub fn user_name(number: u32) -> String {
    format!("user{number:07}@contoso.example")
}

/// A user as a client sends it: the attributes of Entra's default mapping, about 1.5 KB in a response.
pub fn document(number: u32) -> Value {
    let mail = user_name(number);
    let shuffled = number.wrapping_mul(2_654_435_761) >> 12;
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
        "userName": mail, "externalId": format!("ext-{number:07}"),
        "name": {
            "formatted": format!("Given{shuffled} Family{number}"), "familyName": format!("Family{number}"),
            "givenName": format!("Given{shuffled}"),
        },
        "displayName": format!("Given{shuffled} Family{number}"), "nickName": format!("G{shuffled}"),
        "title": format!("Engineer {}", number % 900), "userType": "Member", "preferredLanguage": "en-GB",
        "locale": "en-GB", "timezone": "Europe/London", "active": !number.is_multiple_of(10),
        "emails": [
            {"value": mail, "type": "work", "primary": true},
            {"value": format!("home{number}@home.example"), "type": "home"},
        ],
        "phoneNumbers": [
            {"value": format!("+44 20 7{number:07}"), "type": "work"},
            {"value": format!("+44 77 9{number:07}"), "type": "mobile"},
        ],
        "addresses": [{
            "formatted": format!("{} Long Acre\nLondon WC2E 9LY\nUnited Kingdom", number % 200),
            "streetAddress": format!("{} Long Acre", number % 200), "locality": "London", "region": "Greater London",
            "postalCode": "WC2E 9LY", "country": "GB", "type": "work",
        }],
        schema::ENTERPRISE_URN: {
            "employeeNumber": number.to_string(), "costCenter": format!("CC-{}", number % 70),
            "organization": "Contoso", "division": "Products", "department": format!("Department {}", number % 40),
            "manager": {"value": id(number / 10).to_string()},
        },
    })
}

fn user(number: u32) -> NewUser {
    let at = DateTime::from_millis(T0 + i64::from(number) * 1_000);
    let incoming = Document::read(Types::built_in().user(), &document(number)).unwrap();
    let resource = Resource {
        id: id(number).to_string(),
        kind: ResourceKind::User,
        created: at,
        last_modified: at,
        version: 1,
        document: incoming.document,
        groups: Vec::new(),
    };
    NewUser { resource, source: Source::Idp }
}

/// A journal entry about the tenant.
pub fn entry_of_tenant() -> NewEntry {
    NewEntry { identity: "Bench".to_owned(), resource: None, ..entry(0) }
}

fn entry(number: u32) -> NewEntry {
    NewEntry {
        at: DateTime::from_millis(T0 + i64::from(number) * 1_000),
        identity: user_name(number),
        action: Action::Create,
        status: if number.is_multiple_of(50) { Status::Failure } else { Status::Success },
        actor: Actor::Command,
        method: "POST".to_owned(),
        path: "/v2/scim/Users".to_owned(),
        http_status: 201,
        scim_type: None,
        request_id: id(number).to_string(),
        resource: Some(ResourceRef { kind: ResourceKind::User, id: id(number).to_string() }),
        detail: None,
        request: None,
        response: None,
        changes: Vec::new(),
        dialect: None,
        probe: false,
    }
}
