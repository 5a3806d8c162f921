//! `/Me` (RFC 7644 §3.11).

use crate::check::failure::NotPassed;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

pub const TESTS: &[Test] =
    &[rfc("RFC 7644 §3.11", "me.answered", "/Me is somebody, or says that it is nobody", Run::Code(answered))
        .meaning("None for Entra.")];

/// "A service provider MAY respond with 501", may redirect to the permanent address, or answer as that resource. A
/// token of a client is nobody: 404.
fn answered(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.get("/Me").require_status(&[200, 307, 308, 403, 404, 501])?;
    match answer.status {
        200 => answer.id().map(drop),
        307 | 308 => answer.require(answer.header("location").is_some(), || "the redirect leads nowhere".into()),
        _ => answer.require_error_body(),
    }
}
