//! Time and random ids as this outsider sees them: it must not use the server's clock.

use std::time::Instant;

use jiff::Timestamp;

/// A point in time that is measured from.
#[expect(clippy::disallowed_methods, reason = "the check stands outside the server, whose clock it must not share")]
pub fn now() -> Instant {
    Instant::now()
}

/// A GUID nobody has.
#[expect(clippy::disallowed_methods, reason = "the check stands outside the server, whose clock it must not share")]
pub fn random_guid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Whether a text is a `dateTime` of RFC 7643 §2.3.5.
pub fn is_date_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}
