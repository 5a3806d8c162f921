//! Time and random ids, independent of the server's clock.

use std::time::Instant;

use jiff::Timestamp;

/// The current time, for measuring durations.
#[expect(clippy::disallowed_methods, reason = "the check must not share the server's clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// A GUID that no resource has.
#[expect(clippy::disallowed_methods, reason = "the check must not share the server's clock")]
pub fn random_guid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Whether a text is a `dateTime` of RFC 7643 §2.3.5.
pub fn is_date_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}
