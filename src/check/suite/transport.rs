//! Media types, addresses and methods (RFC 7644 §3.1, §3.8).

use serde_json::{Value, json};

use crate::check::request::Request;
use crate::check::service::USER;
use crate::check::session::Session;
use crate::check::test::{Run, Stop, Test, entra, rfc};

const TYPE: &str = "Microsoft's validator stops at the first answer of another type, and so may strict clients.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.1, §8.1", "transport.scim_type", "Resources are application/scim+json", Run::Code(scim_type))
        .means(TYPE),
    rfc(
        "RFC 7644 §3.1, §8.1",
        "transport.scim_type_of_errors",
        "Errors are application/scim+json",
        Run::Code(type_of_errors),
    )
    .means(TYPE),
    rfc("RFC 7644 §3.8", "transport.accept_json", "Accept: application/json is served", Run::Code(accept_json))
        .means("Clients that know only JSON, Okta's among them, get nothing."),
    rfc("RFC 7644 §3.8", "transport.sends_json", "Bodies of application/json are read", Run::Code(sends_json))
        .means("Okta and others send this type: nobody is created."),
    entra(
        "Content-Type",
        "transport.sends_charset",
        "Bodies of application/scim+json; charset=utf-8 are read",
        Run::Code(charset),
    )
    .means("Entra sends this type with each write: nobody is created."),
    rfc(
        "RFC 9110 §15.5.16",
        "transport.other_media_type",
        "A body of another media type is refused with a SCIM error",
        Run::Code(other_type),
    )
    .means("None for Entra; clients with a wrong type are not told so."),
    rfc(
        "RFC 7644 §3.4.2",
        "transport.unknown_parameter",
        "Unknown parameters of the query are ignored",
        Run::Code(unknown_parameter),
    )
    .means("Entra puts text of the Tenant URL, such as ?aadOptscim062020, into each request: none would work."),
    rfc(
        "RFC 7644 §3.12",
        "transport.unknown_address",
        "An unknown address is a SCIM 404, not a web page",
        Run::Code(unknown_address),
    )
    .means("Entra cannot show its administrators what is wrong."),
    rfc(
        "RFC 9110 §15.5.6",
        "transport.wrong_method",
        "A wrong method is refused with a SCIM error",
        Run::Code(wrong_method),
    )
    .means("Entra cannot show its administrators what is wrong."),
    rfc("RFC 7643 §2.3.1", "transport.unicode", "Text in any script comes back as it was sent", Run::Code(unicode))
        .means("Names arrive garbled, and Entra corrects them in each cycle, for ever."),
    entra(
        "Query encoding",
        "transport.plus_is_a_space",
        "In a query `+` and `%20` are spaces",
        Run::Code(plus_is_a_space),
    )
    .means("Entra writes filters with +: it finds nobody, and creates everybody again."),
];

fn is_scim(media_type: &str) -> bool {
    media_type == "application/scim+json"
}

fn scim_type(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({}))?;
    for answer in
        [session.read("/Users")?, session.read(&user.path)?, user.answer, session.read("/ServiceProviderConfig")?]
    {
        let media_type = answer.media_type();
        answer.demand(is_scim(&media_type), || format!("the answer is {media_type}"))?;
    }
    Ok(())
}

fn type_of_errors(session: &mut Session) -> Result<(), Stop> {
    let answer = session.get("/Users/nobody-has-this-id").status(&[404])?;
    let media_type = answer.media_type();
    answer.demand(is_scim(&media_type), || format!("the error is {media_type}"))
}

fn accept_json(session: &mut Session) -> Result<(), Stop> {
    let answer = session.send(&Request::get("/Users").with("count", "1").accept("application/json")).ok()?;
    let media_type = answer.media_type();
    let is_json = is_scim(&media_type) || media_type == "application/json";
    answer.demand(is_json, || format!("the answer is {media_type}"))
}

fn create(session: &mut Session, content_type: &'static str) -> Result<(), Stop> {
    let name = session.names.user();
    let body = json!({"schemas": [USER], "userName": name});
    let answer = session.send(&Request::new("POST", "/Users").text(content_type, body.to_string())).object(&[201])?;
    answer.holds(&json!({"userName": name}))
}

fn sends_json(session: &mut Session) -> Result<(), Stop> {
    create(session, "application/json")
}

fn charset(session: &mut Session) -> Result<(), Stop> {
    create(session, "application/scim+json; charset=utf-8")
}

fn other_type(session: &mut Session) -> Result<(), Stop> {
    let xml = Request::new("POST", "/Users").text("application/xml", "<user><userName>x</userName></user>");
    session.send(&xml).status(&[415, 400])?.error_body()
}

fn unknown_parameter(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({}))?;
    let flagged = |request: Request| request.with_raw("aadOptscim062020").with("nonsense", "1");
    session.send(&flagged(Request::get("/Users"))).ok()?;
    session.send(&flagged(Request::get(user.path.as_str()))).ok()?.holds(&json!({"id": user.id}))?;
    let body = json!({"schemas": [USER], "userName": user.name, "displayName": "Flagged"});
    session.send(&flagged(Request::new("PUT", user.path.as_str())).json(&body)).ok()?;
    session.send(&flagged(Request::new("DELETE", user.path.as_str()))).status(&[204]).map(drop)
}

fn unknown_address(session: &mut Session) -> Result<(), Stop> {
    session.get("/RollcallCheckKnowsNoSuchPlace").status(&[404])?.error_body()
}

/// What POST to one resource does is nobody's business in SCIM (RFC 7644 §3.2); it can do no harm to others.
fn wrong_method(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({}))?;
    let answer =
        session.post(&user.path, &json!({"schemas": [USER], "userName": user.name})).status(&[405, 404, 501])?;
    answer.error_body()?;
    let is_told = answer.status != 405 || answer.header("allow").is_some();
    answer.demand(is_told, || "405 comes without Allow".into())
}

fn unicode(session: &mut Session) -> Result<(), Stop> {
    let names = json!({"displayName": "Zoë Müller-Łukasz 山田 😀", "name": {"familyName": "Ó\"Neil \\ <b>&amp;</b>"}});
    let user = session.user(&names)?;
    user.answer.holds(&names)?;
    session.read(&user.path)?.holds(&names)
}

fn plus_is_a_space(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({}))?;
    let name = crate::check::request::encode(&Value::from(user.name.as_str()).to_string());
    for space in ["+", "%20"] {
        let answer =
            session.send(&Request::get("/Users").with_raw(format!("filter=userName{space}eq{space}{name}"))).ok()?;
        answer.demand(answer.ids()? == [user.id.as_str()], || {
            format!("with {space} for a space the user is not found")
        })?;
    }
    Ok(())
}
