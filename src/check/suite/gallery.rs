//! Microsoft's tests for its application gallery that call the service directly. Schema discoverability is in
//! [`discovery`](super::discovery); create, update, disable, delete and restore are in the Entra areas.

use serde_json::{Value, json};

use super::groups::{create_users, require_members};
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::{Authorization, Request};
use crate::check::service::{ENTERPRISE, GROUP};
use crate::check::session::{Session, resource, user_body};
use crate::check::test::{Test, gallery};

pub const TESTS: &[Test] = &[
    gallery("Validate credentials", "gallery.credentials", "The token is accepted, another is refused", credentials),
    gallery(
        "Null update",
        "gallery.null_update",
        "Each optional attribute is cleared by \"\", then by null",
        null_update,
    ),
    gallery(
        "Null update",
        "gallery.null_update_together",
        "Optional attributes are cleared in one object without a path",
        null_update_together,
    ),
    gallery("Create user", "gallery.create_user", "A user with Entra's default attributes is created", create_user),
    gallery("Update user", "gallery.update_user", "Entra's default attributes are updated", update_user),
    gallery("User pagination", "gallery.user_pages", "Pages list each user once, with the total", user_pages),
    gallery("Create group", "gallery.create_group", "A group without members is created", create_group),
    gallery("Update group", "gallery.update_group", "Name and members are updated", update_group),
    gallery("Group pagination", "gallery.group_pages", "Pages list each group once, with the total", group_pages),
    gallery("Update manager", "gallery.manager", "The manager is set, changed and removed", manager),
];

fn credentials(session: &mut Session) -> Result<(), NotPassed> {
    session.send(&Request::get("/Users").query("startIndex", "1").query("count", "1")).require_ok()?;
    let wrong =
        Request::get("/Users").query("count", "1").authorization(Authorization::Other("Bearer this-is-not-the-token"));
    session.send(&wrong).require_status(&[401]).map(drop)
}

/// Entra's default attribute mappings.
fn default_attributes(word: &str) -> Value {
    json!({"active": true, "displayName": format!("{word} Ruiz"), "title": format!("{word} t"),
        "emails": [{"type": "work", "value": format!("{word}@contoso.example"), "primary": true}],
        "name": {"givenName": word, "familyName": "Ruiz", "formatted": format!("{word} Ruiz")},
        "phoneNumbers": [{"type": "work", "value": "5551"}, {"type": "mobile", "value": "5552"}, {"type": "fax", "value": "5553"}],
        "addresses": [{"type": "work", "streetAddress": "Calle 1", "locality": "Madrid", "region": "M", "postalCode": "28001",
            "country": "ES", "formatted": "Piso 2"}],
        "preferredLanguage": "es", ENTERPRISE: {"employeeNumber": "4711", "department": "Sales"}})
}

const OPTIONAL: [&str; 12] = [
    "displayName",
    "title",
    "name.givenName",
    "name.familyName",
    "preferredLanguage",
    "emails[type eq \"work\"].value",
    "phoneNumbers[type eq \"work\"].value",
    "phoneNumbers[type eq \"fax\"].value",
    "addresses[type eq \"work\"].streetAddress",
    "addresses[type eq \"work\"].country",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

/// Requires that none of the optional attributes has a value.
fn require_no_values(session: &mut Session, path: &str) -> Result<(), NotPassed> {
    let answer = session.read(path)?;
    answer
        .require_values(&json!({"displayName": null, "title": null, "preferredLanguage": null,
        "name": {"givenName": null, "familyName": null}}))
        .or_else(|failure| {
            if answer.member("name").is_null() {
                answer.require_values(&json!({"displayName": null, "title": null}))
            } else {
                Err(failure)
            }
        })?;
    let text = answer.body.to_string();
    let left = ["5551", "5553", "Calle 1", "4711", "Sales"].iter().find(|value| text.contains(&format!("\"{value}\"")));
    answer.require(left.is_none(), || format!("{} is still present", left.copied().unwrap_or_default()))
}

fn null_update(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&default_attributes("Ana"))?;
    for value in [json!(""), json!(null)] {
        for path in OPTIONAL {
            session.patch(&user.path, &json!([{"op": "replace", "path": path, "value": value}])).require_accepted()?;
        }
        require_no_values(session, &user.path)?;
    }
    Ok(())
}

fn null_update_together(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&default_attributes("Ana"))?;
    let plain = |value: &Value| {
        let names = OPTIONAL.iter().filter(|path| !path.contains('['));
        let object: serde_json::Map<_, _> = names.map(|name| ((*name).to_owned(), value.clone())).collect();
        let paths = OPTIONAL.iter().filter(|path| path.contains('['));
        let paths = paths.map(|path| json!({"op": "replace", "path": path, "value": value}));
        paths.chain([json!({"op": "replace", "value": object})]).collect::<Value>()
    };
    for value in [json!(""), json!(null)] {
        session.patch(&user.path, &plain(&value)).require_accepted()?;
        require_no_values(session, &user.path)?;
    }
    Ok(())
}

fn create_user(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let answer = session.post("/Users", &user_body(&name, &default_attributes("Ana"))).require_object(&[201])?;
    answer.require_values(&default_attributes("Ana"))?;
    session.read(&resource("/Users", &answer.id()?))?.require_values(&default_attributes("Ana"))
}

fn update_user(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&default_attributes("Ana"))?;
    let operations = json!([{"op": "Replace", "path": "displayName", "value": "Eva Ruiz"},
        {"op": "Replace", "path": "name.givenName", "value": "Eva"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "eva@contoso.example"},
        {"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Sevilla"},
        {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Ops"}]);
    session.patch(&user.path, &operations).require_accepted()?;
    session.read(&user.path)?.require_values(&json!({"displayName": "Eva Ruiz", "name": {"givenName": "Eva", "familyName": "Ruiz"},
        "emails": [{"type": "work", "value": "eva@contoso.example"}], "addresses": [{"type": "work", "locality": "Sevilla", "country": "ES"}],
        ENTERPRISE: {"department": "Ops", "employeeNumber": "4711"}}))
}

/// Reads the results of a filter in pages of two.
fn pages(session: &mut Session, endpoint: &str, filter: &str, mut ids: Vec<String>) -> Result<(), NotPassed> {
    let mut seen = Vec::new();
    for start in ["1", "3", "5"] {
        let request = Request::get(endpoint).query("filter", filter).query("startIndex", start).query("count", "2");
        let answer = session.send(&request).require_ok()?;
        answer.require_values(&json!({"totalResults": ids.len()}))?;
        seen.extend(answer.ids()?.into_iter().map(str::to_owned));
    }
    seen.sort();
    ids.sort();
    if seen == ids {
        Ok(())
    } else {
        Err(NotPassed::failed(format!("the pages should contain {ids:?}, but contain {seen:?}"), None))
    }
}

fn user_pages(session: &mut Session) -> Result<(), NotPassed> {
    let word = session.names.text("Pages");
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(session.user(&json!({"displayName": word}))?.id);
    }
    pages(session, "/Users", &format!("displayName eq \"{word}\""), ids)
}

fn create_group(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.group_name();
    let body = json!({"schemas": [GROUP], "externalId": clock::random_guid(), "displayName": name, "meta": {"resourceType": "Group"}});
    let answer = session.post("/Groups", &body).require_object(&[201])?;
    session
        .read(&resource("/Groups", &answer.id()?))?
        .require_values(&json!({"displayName": name, "externalId": body["externalId"]}))
}

fn update_group(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let name = session.names.group_name();
    let operations = json!([{"op": "Replace", "path": "displayName", "value": name},
        {"op": "Add", "path": "members", "value": [{"value": bob.id}]}]);
    session.patch(&group.path, &operations).require_accepted()?;
    session.read(&group.path)?.require_values(&json!({"displayName": name}))?;
    require_members(session, &group, &[&ana.id, &bob.id])
}

fn group_pages(session: &mut Session) -> Result<(), NotPassed> {
    let word = session.names.text("Team");
    let mut ids = Vec::new();
    for number in 0..5 {
        let name = format!("{word} {number}");
        let body = json!({"schemas": [GROUP], "displayName": name});
        ids.push(session.create("/Groups", name, &body)?.id);
    }
    pages(session, "/Groups", &format!("displayName sw \"{word} \""), ids)
}

fn manager(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, other) = (session.user(&json!({}))?, session.user(&json!({}))?);
    let user = session.user(&default_attributes("Ana"))?;
    let path = format!("{ENTERPRISE}:manager");
    for id in [&boss.id, &other.id] {
        session.patch(&user.path, &json!([{"op": "Replace", "path": path, "value": id}])).require_accepted()?;
        session
            .read(&user.path)?
            .require_values(&json!({ENTERPRISE: {"manager": {"value": id}, "department": "Sales"}}))?;
    }
    session.patch(&user.path, &json!([{"op": "Remove", "path": path}])).require_accepted()?;
    session.read(&user.path)?.require_values(&json!({ENTERPRISE: {"manager": null, "department": "Sales"}}))
}
