//! Points in time as SCIM writes them: instants, to the millisecond, printed in UTC.

use jiff::{Timestamp, civil, fmt::temporal::DateTimePrinter, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

impl DateTime {
    /// The instant so many milliseconds after 1970 began.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads an `xsd:dateTime` (RFC 7643 §2.3.5): any offset, any number of fraction digits, of which three count.
    /// Without an offset it is UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once(['T', 't'])?;
        let date = civil::Date::new(number(date.get(..4)?)?, number(date.get(5..7)?)?, number(date.get(8..)?)?)
            .ok()
            .filter(|_| date.len() == 10 && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-')?;
        let (time, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let (hour, minute, second) = (time.get(..2)?, time.get(2..5)?, time.get(5..)?);
        let second = second.strip_prefix(':').filter(|second| second.len() == 2)?;
        let time = civil::Time::new(number(hour)?, number(minute.strip_prefix(':')?)?, number(second)?, 0).ok()?;
        if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let fraction: i64 = number(&format!("{fraction:0<3.3}"))?;
        let seconds = TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()?.as_second() - offset_seconds(offset)?;
        Some(Self(seconds * 1000 + fraction))
    }
}

/// `Z`, nothing, or `+hh:mm`.
fn offset_seconds(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':').filter(|_| text.len() == 6)?;
    let (hours, minutes): (i64, i64) = (number(hours)?, number(minutes)?);
    let seconds = (hours * 60 + minutes) * 60;
    (hours <= 14 && minutes < 60).then_some(if text.starts_with('-') { -seconds } else { seconds })
}

/// Digits only: `parse` alone would also take a sign.
fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.printed())
    }
}

impl DateTime {
    /// The same as by `Display`, without its detours.
    pub(in crate::scim) fn printed(self) -> String {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
        let nearest = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        PRINTER.timestamp_to_string(&Timestamp::from_millisecond(self.0).unwrap_or(nearest))
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.printed())
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no date and time")))
    }
}

#[cfg(test)]
mod tests {
    use super::DateTime;

    /// RFC 7643 §2.3.5; checklist 46
    #[test]
    fn any_offset_and_any_number_of_fraction_digits_is_read() {
        for (text, printed) in [
            ("2026-11-22T22:50:00Z", "2026-11-22T22:50:00.000Z"),
            ("2026-11-22T22:50:00", "2026-11-22T22:50:00.000Z"),
            ("2026-11-22t22:50:00.5z", "2026-11-22T22:50:00.500Z"),
            ("2026-11-22T22:50:00.1234567890123+01:00", "2026-11-22T21:50:00.123Z"),
            ("2026-11-22T22:50:00-05:30", "2026-11-23T04:20:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2024-02-29T00:00:00.04Z", "2024-02-29T00:00:00.040Z"),
        ] {
            let parsed = DateTime::parse(text).unwrap();
            assert_eq!(parsed.to_string(), printed, "{text}");
            assert_eq!(DateTime::parse(printed), Some(parsed));
            assert_eq!(serde_json::from_str::<DateTime>(&format!("\"{text}\"")).unwrap(), parsed);
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "T",
            "2026-11-22",
            "2026-02-30T00:00:00Z",
            "2026-11-22T25:00:00Z",
            "2026-11-22T22:50:00.Z",
            "2026-11-22T22:50:00.1x",
            "2026-11-22T22:50:00+1:00",
            "2026-11-22T22:50:00+99:00",
            "2026-11-22T22:50Z",
            "2026-11-22T22:50:00ZZ",
            "+026-11-22T22:50:00Z",
            "2026-11-22T+2:50:00Z",
            "é026-11-22T22:50:00Z",
            "2026/11/22T22:50:00Z",
            "yesterday",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn even_the_impossible_prints() {
        assert!(DateTime::from_millis(i64::MAX).to_string().starts_with("9999-12-30"));
        assert!(DateTime::from_millis(i64::MIN).to_string().starts_with("-009999"));
    }
}
