//! Media types, addresses and methods (RFC 7644 §3.1, §3.8).

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::USER;
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra, rfc};

const TYPE: &str = "Microsoft's validator stops at the first answer of another type, and so may strict clients.";

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
    rfc("RFC 7644 §3.8", "transport.accept_json", "Accept: application/json is served", Run::Code(accept_json))
        .meaning("Clients that know only JSON, Okta's among them, get nothing."),
    rfc("RFC 7644 §3.8", "transport.sends_json", "Bodies of application/json are read", Run::Code(sends_json))
        .meaning("Okta and others send this type: nobody is created."),
    entra(
        "Content-Type",
        "transport.sends_charset",
        "Bodies of application/scim+json; charset=utf-8 are read",
        Run::Code(charset),
    )
    .meaning("Entra sends this type with each write: nobody is created."),
    rfc(
        "RFC 9110 §15.5.16",
        "transport.other_media_type",
        "A body of another media type is refused with a SCIM error",
        Run::Code(other_type),
    )
    .meaning("None for Entra; clients with a wrong type are not told so."),
    rfc(
        "RFC 7644 §3.4.2",
        "transport.unknown_parameter",
        "Unknown parameters of the query are ignored",
        Run::Code(unknown_parameter),
    )
    .meaning("Entra puts text of the Tenant URL, such as ?aadOptscim062020, into each request: none would work."),
    rfc(
        "RFC 7644 §3.12",
        "transport.unknown_address",
        "An unknown address is a SCIM 404, not a web page",
        Run::Code(unknown_address),
    )
    .meaning("Entra cannot show its administrators what is wrong."),
    rfc(
        "RFC 9110 §15.5.6",
        "transport.wrong_method",
        "A wrong method is refused with a SCIM error",
        Run::Code(wrong_method),
    )
    .meaning("Entra cannot show its administrators what is wrong."),
    rfc("RFC 7643 §2.3.1", "transport.unicode", "Text in any script comes back as it was sent", Run::Code(unicode))
        .meaning("UniqueNames arrive garbled, and Entra corrects them in each cycle, for ever."),
    entra(
        "Query encoding",
        "transport.plus_is_a_space",
        "In a query `+` and `%20` are spaces",
        Run::Code(plus_is_a_space),
    )
    .meaning("Entra writes filters with +: it finds nobody, and creates everybody again."),
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
        answer.require(is_scim(&media_type), || format!("the answer is {media_type}"))?;
    }
    Ok(())
}

fn type_of_errors(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.get("/Users/nobody-has-this-id").require_status(&[404])?;
    let media_type = answer.media_type();
    answer.require(is_scim(&media_type), || format!("the error is {media_type}"))
}

fn accept_json(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.send(&Request::get("/Users").query("count", "1").accept("application/json")).require_ok()?;
    let media_type = answer.media_type();
    let is_json = is_scim(&media_type) || media_type == "application/json";
    answer.require(is_json, || format!("the answer is {media_type}"))
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

/// What POST to one resource does is nobody's business in SCIM (RFC 7644 §3.2); it can do no harm to others.
fn wrong_method(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session
        .post(&user.path, &json!({"schemas": [USER], "userName": user.name}))
        .require_status(&[405, 404, 501])?;
    answer.require_error_body()?;
    let is_told = answer.status != 405 || answer.header("allow").is_some();
    answer.require(is_told, || "405 comes without Allow".into())
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
            format!("with {space} for a space the user is not found")
        })?;
    }
    Ok(())
}
