//! Before any test: checks that there is a SCIM service that accepts the token, and reads what it declares.

use serde_json::Value;

use super::CheckError;
use super::answer::Answer;
use super::clock;
use super::request::Request;
use super::service::ServiceDescription;
use super::session::Session;

/// Sends the lookup of Entra's Test Connection, then reads the discovery documents.
pub fn connect(session: &mut Session) -> Result<ServiceDescription, CheckError> {
    let filter = format!("userName eq {}", Value::from(clock::random_guid()));
    let answer = session.find("/Users", &filter);
    require_access(session, &answer)?;
    let config = session.get("/ServiceProviderConfig");
    let is_scim = |answer: &Answer| answer.status == 200 && answer.body.is_object();
    // A SCIM service may fail the lookup; the tests report that.
    if !is_scim(&answer) && !is_scim(&config) {
        let users = session.send(&Request::get("/Users").query("count", "1"));
        if !is_scim(&users) {
            return Err(not_scim(session, &answer));
        }
    }
    let types = listed(&session.get("/ResourceTypes"));
    let schemas = listed(&session.get("/Schemas"));
    Ok(ServiceDescription { config: is_scim(&config).then_some(config.body), types, schemas })
}

/// Fails when the service cannot be reached, redirects, or rejects the token.
fn require_access(session: &Session, answer: &Answer) -> Result<(), CheckError> {
    let url = session.http.base();
    let why = match answer.status {
        0 => format!("{url} cannot be reached: {}", answer.exchange().response_body),
        300..=399 => {
            let target = answer.header("location").unwrap_or("nowhere");
            format!("{url} redirects to {target} ({}). Give the address of the SCIM service itself.", answer.status)
        }
        401 | 403 => {
            let detail = answer.member("detail").as_str().unwrap_or("no reason given");
            format!("{url} rejects this token ({}): {detail}", answer.status)
        }
        _ => return Ok(()),
    };
    Err(CheckError::Connection(why))
}

fn not_scim(session: &Session, answer: &Answer) -> CheckError {
    let (url, status) = (session.http.base(), answer.status);
    let what = match answer.media_type().as_str() {
        "text/html" => "with a web page".to_owned(),
        _ if answer.body.is_object() => "with JSON that is not a list of users".to_owned(),
        "" => "without content".to_owned(),
        other => format!("with {other}"),
    };
    CheckError::Connection(format!(
        "{url} is not a SCIM service: /Users answers {status} {what}. The Tenant URL is the part of the address before /Users."
    ))
}

/// The resources of a list. A bare array is accepted here; the tests report it.
fn listed(answer: &Answer) -> Option<Vec<Value>> {
    let resources = if answer.body.is_array() { &answer.body } else { answer.member("Resources") };
    resources.as_array().filter(|_| answer.status == 200).cloned()
}
