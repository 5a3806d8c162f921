//! `/Me` (RFC 7644 §3.11).

use crate::check::failure::NotPassed;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

pub const TESTS: &[Test] =
    &[rfc("RFC 7644 §3.11", "me.answered", "/Me answers with a resource, a redirect or an error", Run::Code(answered))
        .meaning("None for Entra.")];

/// A service may respond with 501, redirect to the permanent URL, or respond with the resource. For a token that does not
/// belong to a user, 404 is correct.
fn answered(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.get("/Me").require_status(&[200, 307, 308, 403, 404, 501])?;
    match answer.status {
        200 => answer.id().map(drop),
        307 | 308 => answer.require(answer.header("location").is_some(), || "the redirect has no Location".into()),
        _ => answer.require_error_body(),
    }
}
