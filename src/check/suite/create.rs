//! `POST /Users` and reading the user (RFC 7644 §3.3, §3.4.1).

use serde_json::{Value, json};

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::http::PASSWORD;
use crate::check::service::{ENTERPRISE, Feature, USER};
use crate::check::session::{Session, resource, user_body};
use crate::check::test::{Run, Test, rfc};

const LOST: &str = "The value that Entra wrote is missing when read, so Entra writes it again in each cycle.";
const TWICE: &str = "The same person gets two accounts.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.3", "create.created", "POST answers 201 with id, schemas, userName and meta", Run::Code(created))
        .meaning("Entra takes the id from this response; without it the user is never linked."),
    rfc(
        "RFC 7644 §3.3",
        "create.location",
        "Location equals meta.location and is the URL of the user",
        Run::Code(location),
    )
    .meaning("None for Entra, which uses the id; other clients follow Location."),
    rfc("RFC 7643 §3.1", "create.meta", "meta has the resource type, created and lastModified", Run::Code(meta))
        .meaning("Audits and clients that search for changes by date find nothing."),
    rfc("RFC 7644 §3.4.1", "create.read_back", "A created user is read with the same values", Run::Code(read_back))
        .meaning(LOST),
    rfc(
        "RFC 7643 §2.2",
        "create.read_only_is_ignored",
        "id and meta sent by the client are ignored",
        Run::Code(read_only),
    )
    .meaning("Clients can choose ids, or get an error when they send a resource as they read it."),
    rfc(
        "RFC 7643 §2.5",
        "create.null_is_unassigned",
        "null and [] mean that an attribute has no value",
        Run::Code(null),
    )
    .meaning("Entra sends null for missing attributes: users without them are not created."),
    rfc("RFC 7643 §2.1", "create.names_in_any_case", "Attribute names are case-insensitive", Run::Code(any_case))
        .meaning(LOST),
    rfc(
        "RFC 7643 §4.1.2",
        "create.multi_valued",
        "All values of a multi-valued attribute are stored",
        Run::Code(multi_valued),
    )
    .meaning(LOST),
    rfc(
        "RFC 7643 §4.3",
        "create.enterprise",
        "The enterprise extension is stored under its URN",
        Run::Code(enterprise),
    )
    .meaning("Departments, employee numbers and managers are not provisioned.")
    .requires(&[Feature::Enterprise]),
    rfc("RFC 7643 §4.1.1", "create.password_never_returned", "A password is never returned", Run::Code(password))
        .meaning("Every client with a token can read passwords."),
    rfc(
        "RFC 7644 §3.3",
        "create.duplicate",
        "A second user with the same userName is refused with 409",
        Run::Code(duplicate),
    )
    .meaning(TWICE),
    rfc(
        "RFC 7643 §4.1.1",
        "create.duplicate_in_other_case",
        "userName is case-insensitive: the same name in capitals is refused with 409",
        Run::Code(other_case),
    )
    .meaning(TWICE),
    rfc(
        "RFC 7643 §4.1.1",
        "create.needs_user_name",
        "A user without userName is refused with 400",
        Run::Code(without_name),
    )
    .meaning("Accounts are created that cannot be matched or used to sign in."),
    rfc(
        "RFC 7644 §3.12",
        "create.needs_an_object",
        "A body that is not a JSON object is refused with 400",
        Run::Code(no_object),
    )
    .meaning("An invalid request looks like a server error, and Entra repeats it."),
    rfc("RFC 7644 §3.4.1", "create.unknown_id", "An unknown id is 404", Run::Code(unknown_id))
        .meaning("Entra does not detect that a user was deleted, and never creates it again."),
];

fn created(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let answer = session.post("/Users", &user_body(&name, &json!({}))).require_object(&[201])?;
    answer.id()?;
    answer.require_values(&json!({"userName": name}))?;
    let urns = answer.member("schemas").as_array();
    answer.require(urns.is_some_and(|urns| urns.iter().any(|urn| urn == USER)), || {
        format!("schemas does not contain {USER}")
    })?;
    answer.require(answer.member("meta").is_object(), || "meta is missing".into())
}

fn location(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = &user.answer;
    let header = answer.header("location").unwrap_or_default();
    answer.require(!header.is_empty(), || "Location is missing".into())?;
    let written = answer.member("meta")["location"].as_str();
    answer.require(written == Some(header), || format!("Location is {header}, but meta.location is {written:?}"))?;
    answer.require(header.ends_with(&resource("/Users", &user.id)), || format!("{header} is not the URL of the user"))
}

fn meta(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session.read(&user.path)?;
    answer.require_values(&json!({"meta": {"resourceType": "User"}}))?;
    for date in ["created", "lastModified"] {
        let text = answer.member("meta")[date].as_str().unwrap_or_default();
        answer.require(clock::is_date_time(text), || format!("meta.{date} is not a dateTime: {text:?}"))?;
    }
    Ok(())
}

fn read_back(session: &mut Session) -> Result<(), NotPassed> {
    let attributes = json!({"displayName": "Ana Ruiz", "title": "Head of Sales", "active": true, "externalId": "8f-Ana",
        "name": {"givenName": "Ana", "familyName": "Ruiz", "formatted": "Ana Ruiz"}, "preferredLanguage": "es-ES"});
    let user = session.user(&attributes)?;
    user.answer.require_values(&attributes)?;
    session.read(&user.path)?.require_values(&attributes)
}

fn read_only(session: &mut Session) -> Result<(), NotPassed> {
    let chosen = clock::random_guid();
    let read_only = json!({"id": chosen, "meta": {"resourceType": "Nonsense", "created": "1999-01-01T00:00:00Z"}});
    let user = session.user(&read_only)?;
    user.answer.require(user.id != chosen, || "the client chose the id".into())?;
    let answer = session.read(&user.path)?;
    let created = answer.member("meta")["created"].as_str().unwrap_or_default();
    answer.require(!created.starts_with("1999"), || "the client chose meta.created".into())
}

fn null(session: &mut Session) -> Result<(), NotPassed> {
    let user = session
        .user(&json!({"title": null, "addresses": null, "roles": [], "phoneNumbers": [], "displayName": "Ana"}))?;
    session
        .read(&user.path)?
        .require_values(&json!({"title": null, "addresses": null, "roles": null, "displayName": "Ana"}))
}

fn any_case(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let body = json!({"schemas": [USER], "USERNAME": name, "displayname": "Ana", "Name": {"FamilyName": "Ruiz"}});
    let user = session.create("/Users", name.clone(), &body)?;
    session
        .read(&user.path)?
        .require_values(&json!({"userName": name, "displayName": "Ana", "name": {"familyName": "Ruiz"}}))
}

fn multi_valued(session: &mut Session) -> Result<(), NotPassed> {
    let attributes = json!({
        "emails": [{"value": "Ana@Contoso.Example", "type": "work", "primary": true}, {"value": "ana@home.example", "type": "home"}],
        "phoneNumbers": [{"value": "+34 (91) 555-12 34", "type": "work"}, {"value": "tel:+1-201-555-0123", "type": "mobile"}],
        "addresses": [{"type": "work", "streetAddress": "Calle 1\nPiso 2", "locality": "Madrid", "postalCode": "28001",
            "region": "M", "country": "ES"}]});
    let user = session.user(&attributes)?;
    session.read(&user.path)?.require_values(&attributes)
}

fn enterprise(session: &mut Session) -> Result<(), NotPassed> {
    let extension = json!({"employeeNumber": "701984", "costCenter": "4130", "organization": "Contoso", "division": "South",
        "department": "Sales"});
    let user = session.user(&json!({ENTERPRISE: extension}))?;
    let answer = session.read(&user.path)?;
    answer.require_values(&json!({ENTERPRISE: extension}))?;
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    let is_named = urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(ENTERPRISE)));
    answer.require(is_named, || "schemas does not contain the extension".into())
}

fn password(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"password": PASSWORD}))?;
    let read = session.read(&user.path)?;
    let asked = session.get(&format!("{}?attributes=password,userName", user.path));
    for answer in [user.answer, read, asked] {
        answer.require(answer.member("password") == &Value::Null, || "the password is in the response".into())?;
    }
    Ok(())
}

fn duplicate(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.post("/Users", &user_body(&user.name, &json!({}))).require_status(&[409]).map(drop)
}

fn other_case(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.post("/Users", &user_body(&user.name.to_uppercase(), &json!({}))).require_status(&[409]).map(drop)
}

fn without_name(session: &mut Session) -> Result<(), NotPassed> {
    session.post("/Users", &json!({"schemas": [USER], "displayName": "Nobody"})).require_status(&[400]).map(drop)
}

fn no_object(session: &mut Session) -> Result<(), NotPassed> {
    for body in [json!([]), json!("user"), json!(7)] {
        session.post("/Users", &body).require_status(&[400])?;
    }
    Ok(())
}

fn unknown_id(session: &mut Session) -> Result<(), NotPassed> {
    session.get(&format!("/Users/{}", clock::random_guid())).require_status(&[404])?;
    session.get("/Users/nobody-has-this-id").require_status(&[404]).map(drop)
}
