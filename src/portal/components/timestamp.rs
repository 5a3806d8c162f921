//! Moments, in UTC on the server and in the browser alike.

use leptos::prelude::*;

use crate::scim::time::DateTime;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time, readable to people and machines.
#[component]
pub fn Timestamp(
    /// When.
    at: DateTime,
) -> impl IntoView {
    let clock = format_time(at);
    view! { <TimeElement at words=format!("{}, {clock} UTC", format_date(at)) /> }
}

/// A date and time where the page says that times are in UTC.
#[component]
pub fn ShortTimestamp(
    /// When.
    at: DateTime,
) -> impl IntoView {
    view! { <TimeElement at words=format!("{}, {}", format_date(at), format_time(at)) /> }
}

/// A date; the time shows on pointing at it.
#[component]
pub fn DateOnly(
    /// When.
    at: DateTime,
) -> impl IntoView {
    view! { <TimeElement at words=format_date(at) /> }
}

#[component]
fn TimeElement(at: DateTime, words: String) -> impl IntoView {
    let exact = at.to_string();
    view! {
        <time datetime=exact.clone() title=exact class="nowrap">
            {words}
        </time>
    }
}

fn format_time(at: DateTime) -> String {
    at.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// The day alone, as in `22 Nov 2026`.
#[must_use]
pub fn format_date(at: DateTime) -> String {
    let exact = at.to_string();
    let part = |range: std::ops::Range<usize>| exact.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    format!("{} {} {}", part(8..10).trim_start_matches('0'), month.unwrap_or(&"?"), part(0..4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, expected: &str) {
        assert_eq!(format_date(DateTime::parse(at).unwrap()), expected);
    }

    #[test]
    fn a_day_is_readable() {
        check("2026-11-22T22:50:00Z", "22 Nov 2026");
        check("2026-01-02T00:00:00Z", "2 Jan 2026");
        check("2026-12-31T23:59:59.999Z", "31 Dec 2026");
    }
}
