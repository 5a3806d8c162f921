//! Who may come in (RFC 7644 §2).

use serde_json::json;

use crate::check::clock;
use crate::check::request::{Proof, Request};
use crate::check::service::USER;
use crate::check::session::Session;
use crate::check::test::{Run, Stop, Test, rfc};

const OPEN: &str = "Whoever knows the address reads and changes the company's people.";
const UNCLEAR: &str =
    "Test Connection cannot tell a bad token from another fault; Entra puts the job into quarantine late.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §2, §7.4", "access.no_token", "Without a token nothing is read: 401", Run::Code(no_token))
        .means(OPEN),
    rfc("RFC 7644 §2", "access.unknown_token", "An unknown token is refused: 401", Run::Code(unknown_token))
        .means(OPEN),
    rfc(
        "RFC 7644 §2",
        "access.other_scheme",
        "Another scheme than the declared one is refused: 401",
        Run::Code(other_scheme),
    )
    .means(OPEN),
    rfc("RFC 7644 §2", "access.no_write_without_token", "Without a token nothing is made: 401", Run::Code(no_write))
        .means(OPEN),
    rfc(
        "RFC 9110 §15.5.2",
        "access.token_comes_first",
        "A bad token is 401 whatever it asks for, not 404",
        Run::Code(token_comes_first),
    )
    .means("Strangers can find out which ids exist."),
    rfc("RFC 7644 §2", "access.challenge", "401 names the scheme in WWW-Authenticate", Run::Code(challenge))
        .means(UNCLEAR),
    rfc("RFC 7644 §3.12", "access.error_body", "401 has a SCIM error body", Run::Code(error_body)).means(UNCLEAR),
    rfc("RFC 9110 §11.1", "access.scheme_in_any_case", "`bearer` is `Bearer`", Run::Code(scheme_in_any_case))
        .means("Clients that write the scheme in lower case are locked out."),
];

fn strange(request: Request) -> Request {
    request.proof(Proof::Other("Bearer rollcall-check-knows-no-such-token"))
}

fn no_token(session: &mut Session) -> Result<(), Stop> {
    session.send(&Request::get("/Users").with("count", "1").proof(Proof::None)).status(&[401]).map(drop)
}

fn unknown_token(session: &mut Session) -> Result<(), Stop> {
    session.send(&strange(Request::get("/Users").with("count", "1"))).status(&[401]).map(drop)
}

fn other_scheme(session: &mut Session) -> Result<(), Stop> {
    let request = Request::get("/Users").with("count", "1").proof(Proof::Other("Basic cm9sbGNhbGw6Y2hlY2s="));
    session.send(&request).status(&[401]).map(drop)
}

fn no_write(session: &mut Session) -> Result<(), Stop> {
    let name = session.names.user();
    let body = json!({"schemas": [USER], "userName": name});
    for request in [
        Request::new("POST", "/Users").json(&body).proof(Proof::None),
        strange(Request::new("POST", "/Users").json(&body)),
    ] {
        session.send(&request).status(&[401])?;
    }
    Ok(())
}

fn token_comes_first(session: &mut Session) -> Result<(), Stop> {
    let request = Request::get(format!("/Users/{}", clock::random_guid()));
    session.send(&strange(request)).status(&[401]).map(drop)
}

fn challenge(session: &mut Session) -> Result<(), Stop> {
    let answer = session.send(&Request::get("/Users").with("count", "1").proof(Proof::None)).status(&[401])?;
    let has_challenge = answer.header("www-authenticate").is_some_and(|header| !header.trim().is_empty());
    answer.demand(has_challenge, || "there is no WWW-Authenticate".into())
}

fn error_body(session: &mut Session) -> Result<(), Stop> {
    for request in [Request::get("/Users").proof(Proof::None), strange(Request::get("/Users"))] {
        let answer = session.send(&request.with("count", "1")).status(&[401])?;
        answer.error_body()?;
        answer.detail()?;
    }
    Ok(())
}

fn scheme_in_any_case(session: &mut Session) -> Result<(), Stop> {
    for scheme in ["bearer", "BEARER"] {
        session.send(&Request::get("/Users").with("count", "1").proof(Proof::TokenAs(scheme))).ok()?;
    }
    Ok(())
}
