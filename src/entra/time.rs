//! Time and random ids, independent of the server's clock.

use jiff::Timestamp;

/// One day in milliseconds.
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// Now, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the simulator must not share the server's clock")]
pub fn now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// The current time, for measuring durations.
#[expect(clippy::disallowed_methods, reason = "the simulator must not share the server's clock")]
pub fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

/// A GUID that no user has, for Test Connection.
#[expect(clippy::disallowed_methods, reason = "the simulator must not share the server's clock")]
pub fn random_guid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// `2026-11-22T22:50:00Z`, as in Entra's logs.
pub fn print(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |time| time.to_string())
}

/// Parses an RFC 3339 time.
pub fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// A hash (FNV-1a) that is the same on every machine and in every version, for detecting changes.
pub fn fingerprint(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_and_parses() {
        assert_eq!(print(1_795_388_400_000), "2026-11-22T23:00:00Z");
        assert_eq!(parse("2026-11-22T23:00:00Z"), Some(1_795_388_400_000));
    }

    #[test]
    fn a_fingerprint_never_changes() {
        assert_eq!(fingerprint(""), "cbf29ce484222325");
        assert_eq!(fingerprint("a"), "af63dc4c8601ec8c");
    }
}
