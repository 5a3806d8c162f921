//! Attribute selection (RFC 7644 §3.9; `returned` in RFC 7643 §2.2).

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{ENTERPRISE, Feature};
use crate::check::session::{CreatedResource, Session, patch_of, user_body};
use crate::check::test::{Run, Test, rfc};

const HEAVY: &str =
    "Entra excludes the members of groups; if the service ignores that, large groups slow down each cycle.";
const OTHERS: &str = "None for Entra; clients that select attributes get others.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.9", "select.attributes", "attributes returns only the listed attributes", Run::Code(attributes))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.9", "select.sub_attribute", "attributes can contain a sub-attribute", Run::Code(sub_attribute))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.9, §3.10", "select.with_urn", "attributes can contain the schema URN", Run::Code(with_urn))
        .meaning(OTHERS),
    rfc(
        "RFC 7644 §3.9",
        "select.extension",
        "attributes can contain an attribute of an extension",
        Run::Code(extension),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Enterprise]),
    rfc("RFC 7643 §2.1", "select.in_any_case", "attributes is case-insensitive", Run::Code(any_case)).meaning(OTHERS),
    rfc("RFC 7644 §3.9", "select.excluded", "excludedAttributes omits the listed attributes", Run::Code(excluded))
        .meaning(HEAVY),
    rfc("RFC 7643 §2.2", "select.always", "id cannot be excluded", Run::Code(always))
        .meaning("Entra cannot link a resource without an id."),
    rfc("RFC 7644 §3.9", "select.in_lists", "Lists support attributes and excludedAttributes", Run::Code(in_lists))
        .meaning(HEAVY)
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.9", "select.on_create", "POST and PUT support attributes", Run::Code(on_writes)).meaning(OTHERS),
    rfc(
        "RFC 7644 §3.5.2",
        "select.on_patch",
        "PATCH with attributes answers 200 with the listed attributes",
        Run::Code(on_patch),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Patch]),
];

fn create_ana(session: &mut Session) -> Result<CreatedResource, NotPassed> {
    session
        .user(&json!({"displayName": "Ana Ruiz", "title": "Head", "name": {"givenName": "Ana", "familyName": "Ruiz"}}))
}

fn read_with(session: &mut Session, user: &CreatedResource, name: &str, value: &str) -> Result<Answer, NotPassed> {
    session.send(&Request::get(user.path.as_str()).query(name, value)).require_ok()
}

fn attributes(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    read_with(session, &user, "attributes", "displayName,userName")?.require_values(
        &json!({"id": user.id, "displayName": "Ana Ruiz", "userName": user.name, "title": null, "name": null}),
    )
}

fn sub_attribute(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    let expected = json!({"id": user.id, "name": {"familyName": "Ruiz", "givenName": null}, "displayName": null});
    read_with(session, &user, "attributes", "name.familyName")?.require_values(&expected)
}

fn with_urn(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    let names = "urn:ietf:params:scim:schemas:core:2.0:User:displayName,urn:ietf:params:scim:schemas:core:2.0:User:name.givenName";
    read_with(session, &user, "attributes", names)?.require_values(
        &json!({"displayName": "Ana Ruiz", "name": {"givenName": "Ana", "familyName": null}, "title": null}),
    )
}

fn extension(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"title": "Head", ENTERPRISE: {"department": "Sales", "division": "South"}}))?;
    read_with(session, &user, "attributes", &format!("{ENTERPRISE}:department"))?
        .require_values(&json!({ENTERPRISE: {"department": "Sales", "division": null}, "title": null}))
}

fn any_case(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    read_with(session, &user, "attributes", "DISPLAYNAME")?
        .require_values(&json!({"displayName": "Ana Ruiz", "title": null}))
}

fn excluded(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    let expected = json!({"userName": user.name, "title": null, "name": null, "displayName": "Ana Ruiz"});
    read_with(session, &user, "excludedAttributes", "title,name")?.require_values(&expected)
}

fn always(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    read_with(session, &user, "excludedAttributes", "id,title")?.require_values(&json!({"id": user.id, "title": null}))
}

fn in_lists(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    let filter = format!("userName eq {}", Value::from(user.name.as_str()));
    let listed = json!({"Resources": [{"id": user.id, "userName": user.name, "title": null}]});
    for (name, value) in [("attributes", "userName"), ("excludedAttributes", "title")] {
        session
            .send(&Request::get("/Users").query("filter", &filter).query(name, value))
            .require_ok()?
            .require_values(&listed)?;
    }
    Ok(())
}

fn on_writes(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let body = user_body(&name, &json!({"title": "Head", "displayName": "Ana"}));
    let expected = json!({"userName": name, "title": null, "displayName": null});
    let created = session
        .send(&Request::new("POST", "/Users").json(&body).query("attributes", "userName"))
        .require_object(&[201])?;
    created.require_values(&expected)?;
    let path = format!("/Users/{}", created.id()?);
    session
        .send(&Request::new("PUT", path).json(&body).query("attributes", "userName"))
        .require_ok()?
        .require_values(&expected)
}

fn on_patch(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_ana(session)?;
    let body = patch_of(&json!([{"op": "replace", "path": "title", "value": "Chief"}]));
    let request = Request::new("PATCH", user.path.as_str()).json(&body).query("attributes", "title");
    session.send(&request).require_ok()?.require_values(&json!({"id": user.id, "title": "Chief", "displayName": null}))
}
