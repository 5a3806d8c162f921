//! Media types, URLs and methods (RFC 7644 §3.1, §3.8).

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::USER;
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra, rfc};

const TYPE: &str =
    "Microsoft's validator stops at the first response of another type, and strict clients may do so too.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.1, §8.1", "transport.scim_type", "Resources are application/scim+json", Run::Code(scim_type))
        .meaning(TYPE),
    rfc(
        "RFC 7644 §3.1, §8.1",
        "transport.scim_type_of_errors",
        "Errors are application/scim+json",
        Run::Code(type_of_errors),
    )
    .meaning(TYPE),
    rfc("RFC 7644 §3.8", "transport.accept_json", "Accept: application/json is supported", Run::Code(accept_json))
        .meaning("Clients that accept only application/json, such as Okta, get no response."),
    rfc("RFC 7644 §3.8", "transport.sends_json", "Bodies with application/json are accepted", Run::Code(sends_json))
        .meaning("Okta and others send this type: no user is created."),
    entra(
        "Content-Type",
        "transport.sends_charset",
        "Bodies with application/scim+json; charset=utf-8 are accepted",
        Run::Code(charset),
    )
    .meaning("Entra sends this type with each write: no user is created."),
    rfc(
        "RFC 9110 §15.5.16",
        "transport.other_media_type",
        "A body with another media type is refused with a SCIM error",
        Run::Code(other_type),
    )
    .meaning("None for Entra; clients that send a wrong type do not learn the reason."),
    rfc(
        "RFC 7644 §3.4.2",
        "transport.unknown_parameter",
        "Unknown query parameters are ignored",
        Run::Code(unknown_parameter),
    )
    .meaning("Entra adds the query of the Tenant URL, such as ?aadOptscim062020, to each request: all would fail."),
    rfc(
        "RFC 7644 §3.12",
        "transport.unknown_address",
        "An unknown URL is a SCIM 404 error, not a web page",
        Run::Code(unknown_address),
    )
    .meaning("Entra cannot show administrators the reason."),
    rfc(
        "RFC 9110 §15.5.6",
        "transport.wrong_method",
        "An unsupported method is refused with a SCIM error",
        Run::Code(wrong_method),
    )
    .meaning("Entra cannot show administrators the reason."),
    rfc("RFC 7643 §2.3.1", "transport.unicode", "Text in any script is returned as sent", Run::Code(unicode))
        .meaning("UniqueNames are stored incorrectly, and Entra corrects them in each cycle."),
    entra(
        "Query encoding",
        "transport.plus_is_a_space",
        "`+` and `%20` in a query are spaces",
        Run::Code(plus_is_a_space),
    )
    .meaning("Entra writes filters with +: it finds no users, and creates all users again."),
];

fn is_scim(media_type: &str) -> bool {
    media_type == "application/scim+json"
}

fn scim_type(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    for answer in
        [session.read("/Users")?, session.read(&user.path)?, user.answer, session.read("/ServiceProviderConfig")?]
    {
        let media_type = answer.media_type();
        answer.require(is_scim(&media_type), || format!("the media type is {media_type}"))?;
    }
    Ok(())
}

fn type_of_errors(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.get("/Users/nobody-has-this-id").require_status(&[404])?;
    let media_type = answer.media_type();
    answer.require(is_scim(&media_type), || format!("the media type of the error is {media_type}"))
}

fn accept_json(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.send(&Request::get("/Users").query("count", "1").accept("application/json")).require_ok()?;
    let media_type = answer.media_type();
    let is_json = is_scim(&media_type) || media_type == "application/json";
    answer.require(is_json, || format!("the media type is {media_type}"))
}

fn create(session: &mut Session, content_type: &'static str) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let body = json!({"schemas": [USER], "userName": name});
    let answer =
        session.send(&Request::new("POST", "/Users").text(content_type, body.to_string())).require_object(&[201])?;
    answer.require_values(&json!({"userName": name}))
}

fn sends_json(session: &mut Session) -> Result<(), NotPassed> {
    create(session, "application/json")
}

fn charset(session: &mut Session) -> Result<(), NotPassed> {
    create(session, "application/scim+json; charset=utf-8")
}

fn other_type(session: &mut Session) -> Result<(), NotPassed> {
    let xml = Request::new("POST", "/Users").text("application/xml", "<user><userName>x</userName></user>");
    session.send(&xml).require_status(&[415, 400])?.require_error_body()
}

fn unknown_parameter(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let flagged = |request: Request| request.raw_query("aadOptscim062020").query("nonsense", "1");
    session.send(&flagged(Request::get("/Users"))).require_ok()?;
    session.send(&flagged(Request::get(user.path.as_str()))).require_ok()?.require_values(&json!({"id": user.id}))?;
    let body = json!({"schemas": [USER], "userName": user.name, "displayName": "Flagged"});
    session.send(&flagged(Request::new("PUT", user.path.as_str())).json(&body)).require_ok()?;
    session.send(&flagged(Request::new("DELETE", user.path.as_str()))).require_status(&[204]).map(drop)
}

fn unknown_address(session: &mut Session) -> Result<(), NotPassed> {
    session.get("/RollcallCheckKnowsNoSuchPlace").require_status(&[404])?.require_error_body()
}

/// SCIM defines no POST to a single resource (RFC 7644 §3.2).
fn wrong_method(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session
        .post(&user.path, &json!({"schemas": [USER], "userName": user.name}))
        .require_status(&[405, 404, 501])?;
    answer.require_error_body()?;
    let has_allow = answer.status != 405 || answer.header("allow").is_some();
    answer.require(has_allow, || "405 without Allow".into())
}

fn unicode(session: &mut Session) -> Result<(), NotPassed> {
    let names = json!({"displayName": "Zoë Müller-Łukasz 山田 😀", "name": {"familyName": "Ó\"Neil \\ <b>&amp;</b>"}});
    let user = session.user(&names)?;
    user.answer.require_values(&names)?;
    session.read(&user.path)?.require_values(&names)
}

fn plus_is_a_space(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let name = crate::check::request::form_encode(&Value::from(user.name.as_str()).to_string());
    for space in ["+", "%20"] {
        let answer = session
            .send(&Request::get("/Users").raw_query(format!("filter=userName{space}eq{space}{name}")))
            .require_ok()?;
        answer.require(answer.ids()? == [user.id.as_str()], || {
            format!("the user is not found with {space} as a space")
        })?;
    }
    Ok(())
}
