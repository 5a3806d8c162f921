//! The people of a bench, and what the journal has about them.

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
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::T0;

/// Writes that wait for one another, so that they are committed together.
const AT_ONCE: u32 = 256;

/// Stores so many users, each with its journal entry.
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
    // Spread, as real ids are over time and by chance.
    Uuid::from_u128(u128::from(number) << 64 | u128::from(number.wrapping_mul(2_654_435_761)))
}

fn user(number: u32) -> NewUser {
    let mail = format!("user{number:06}@contoso.example");
    let shuffled = number.wrapping_mul(2_654_435_761) >> 12;
    let document = json!({
        "schemas": [schema::user().schema.id, schema::ENTERPRISE_URN],
        "userName": mail, "externalId": format!("ext-{number:06}"), "displayName": format!("Given{shuffled} Family{number}"),
        "name": {"givenName": format!("Given{shuffled}"), "familyName": format!("Family{number}")},
        "active": !number.is_multiple_of(10), "title": "Engineer",
        "emails": [{"value": mail, "type": "work", "primary": true}, {"value": format!("home{number}@home.example"), "type": "home"}],
        schema::ENTERPRISE_URN: {"department": format!("Department {}", number % 40), "employeeNumber": number.to_string()},
    });
    let at = DateTime::from_millis(T0 + i64::from(number) * 1_000);
    let resource = Resource {
        id: id(number).to_string(),
        kind: ResourceKind::User,
        created: at,
        last_modified: at,
        version: 1,
        document: serde_json::from_value::<Document>(document).unwrap(),
        groups: Vec::new(),
    };
    NewUser { resource, source: Source::Idp }
}

pub fn entry(number: u32) -> NewEntry {
    NewEntry {
        at: DateTime::from_millis(T0 + i64::from(number) * 1_000),
        identity: format!("user{number:06}@contoso.example"),
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
