//! Before anything is made: is there a SCIM service, does it let us in, and what does it say of itself?

use serde_json::Value;

use super::CheckError;
use super::answer::Answer;
use super::clock;
use super::request::Request;
use super::service::ServiceDescription;
use super::session::Session;

/// Asks what Entra's Test Connection asks, then reads the three documents of discovery.
pub fn connect(session: &mut Session) -> Result<ServiceDescription, CheckError> {
    let filter = format!("userName eq {}", Value::from(clock::random_guid()));
    let answer = session.find("/Users", &filter);
    refused(session, &answer)?;
    let config = session.get("/ServiceProviderConfig");
    let is_scim = |answer: &Answer| answer.status == 200 && answer.body.is_object();
    // A service may fail the lookup and still be one: that is for the tests to say.
    if !is_scim(&answer) && !is_scim(&config) {
        let people = session.send(&Request::get("/Users").query("count", "1"));
        if !is_scim(&people) {
            return Err(no_service(session, &answer));
        }
    }
    let types = listed(&session.get("/ResourceTypes"));
    let schemas = listed(&session.get("/Schemas"));
    Ok(ServiceDescription { config: is_scim(&config).then_some(config.body), types, schemas })
}

/// Whoever cannot be reached, sends us elsewhere or does not let us in.
fn refused(session: &Session, answer: &Answer) -> Result<(), CheckError> {
    let url = session.http.base();
    let why = match answer.status {
        0 => format!("{url} cannot be reached: {}", answer.exchange().response_body),
        300..=399 => {
            let target = answer.header("location").unwrap_or("nowhere");
            format!("{url} sends us on to {target} ({}). Give the address of the SCIM service itself.", answer.status)
        }
        401 | 403 => {
            let detail = answer.member("detail").as_str().unwrap_or("it gives no reason");
            format!("{url} does not let this token in ({}): {detail}", answer.status)
        }
        _ => return Ok(()),
    };
    Err(CheckError::Connection(why))
}

fn no_service(session: &Session, answer: &Answer) -> CheckError {
    let (url, status) = (session.http.base(), answer.status);
    let what = match answer.media_type().as_str() {
        "text/html" => "with a web page".to_owned(),
        _ if answer.body.is_object() => "with JSON that is no list of users".to_owned(),
        "" => "without any content".to_owned(),
        other => format!("with {other}"),
    };
    CheckError::Connection(format!(
        "{url} is no SCIM service: /Users answers {status} {what}. Is this the whole Tenant URL, up to and without /Users?"
    ))
}

/// The resources of a list; a bare array is taken for one, as what is wrong with it is for the tests to say.
fn listed(answer: &Answer) -> Option<Vec<Value>> {
    let resources = if answer.body.is_array() { &answer.body } else { answer.member("Resources") };
    resources.as_array().filter(|_| answer.status == 200).cloned()
}
