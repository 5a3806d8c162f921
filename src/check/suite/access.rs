//! Authentication (RFC 7644 §2).

use serde_json::json;

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::{Authorization, Request};
use crate::check::service::USER;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const OPEN: &str = "Anyone who knows the address can read and change the organization's users.";
const UNCLEAR: &str =
    "Test Connection cannot distinguish an invalid token from other errors, and quarantine starts late.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §2, §7.4", "access.no_token", "A read without a token is refused with 401", Run::Code(no_token))
        .meaning(OPEN),
    rfc("RFC 7644 §2", "access.unknown_token", "An unknown token is refused with 401", Run::Code(unknown_token))
        .meaning(OPEN),
    rfc(
        "RFC 7644 §2",
        "access.other_scheme",
        "Another authentication scheme is refused with 401",
        Run::Code(other_scheme),
    )
    .meaning(OPEN),
    rfc(
        "RFC 7644 §2",
        "access.no_write_without_token",
        "A create without a valid token is refused with 401",
        Run::Code(no_write),
    )
    .meaning(OPEN),
    rfc(
        "RFC 9110 §15.5.2",
        "access.token_comes_first",
        "An invalid token is 401, not 404, for an unknown id",
        Run::Code(token_comes_first),
    )
    .meaning("Unauthenticated clients can find out which ids exist."),
    rfc("RFC 7644 §2", "access.challenge", "401 names the scheme in WWW-Authenticate", Run::Code(challenge))
        .meaning(UNCLEAR),
    rfc("RFC 7644 §3.12", "access.error_body", "401 has a SCIM error body", Run::Code(error_body)).meaning(UNCLEAR),
    rfc(
        "RFC 9110 §11.1",
        "access.scheme_in_any_case",
        "The scheme is case-insensitive: `bearer` is accepted",
        Run::Code(scheme_in_any_case),
    )
    .meaning("Clients that write the scheme in lower case cannot authenticate."),
];

fn with_unknown_token(request: Request) -> Request {
    request.authorization(Authorization::Other("Bearer rollcall-check-knows-no-such-token"))
}

fn no_token(session: &mut Session) -> Result<(), NotPassed> {
    session
        .send(&Request::get("/Users").query("count", "1").authorization(Authorization::None))
        .require_status(&[401])
        .map(drop)
}

fn unknown_token(session: &mut Session) -> Result<(), NotPassed> {
    session.send(&with_unknown_token(Request::get("/Users").query("count", "1"))).require_status(&[401]).map(drop)
}

fn other_scheme(session: &mut Session) -> Result<(), NotPassed> {
    let request =
        Request::get("/Users").query("count", "1").authorization(Authorization::Other("Basic cm9sbGNhbGw6Y2hlY2s="));
    session.send(&request).require_status(&[401]).map(drop)
}

fn no_write(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let body = json!({"schemas": [USER], "userName": name});
    for request in [
        Request::new("POST", "/Users").json(&body).authorization(Authorization::None),
        with_unknown_token(Request::new("POST", "/Users").json(&body)),
    ] {
        session.send(&request).require_status(&[401])?;
    }
    Ok(())
}

fn token_comes_first(session: &mut Session) -> Result<(), NotPassed> {
    let request = Request::get(format!("/Users/{}", clock::random_guid()));
    session.send(&with_unknown_token(request)).require_status(&[401]).map(drop)
}

fn challenge(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session
        .send(&Request::get("/Users").query("count", "1").authorization(Authorization::None))
        .require_status(&[401])?;
    let has_challenge = answer.header("www-authenticate").is_some_and(|header| !header.trim().is_empty());
    answer.require(has_challenge, || "WWW-Authenticate is missing".into())
}

fn error_body(session: &mut Session) -> Result<(), NotPassed> {
    for request in
        [Request::get("/Users").authorization(Authorization::None), with_unknown_token(Request::get("/Users"))]
    {
        let answer = session.send(&request.query("count", "1")).require_status(&[401])?;
        answer.require_error_body()?;
        answer.require_detail()?;
    }
    Ok(())
}

fn scheme_in_any_case(session: &mut Session) -> Result<(), NotPassed> {
    for scheme in ["bearer", "BEARER"] {
        session
            .send(&Request::get("/Users").query("count", "1").authorization(Authorization::TokenWithScheme(scheme)))
            .require_ok()?;
    }
    Ok(())
}
