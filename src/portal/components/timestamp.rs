//! Dates and times, in UTC on the server and in the browser.

use leptos::prelude::*;

use crate::scim::time::DateTime;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time.
#[component]
pub fn Timestamp(
    /// The time.
    at: DateTime,
) -> impl IntoView {
    let clock = format_time(at);
    view! { <TimeElement at text=format!("{}, {clock} UTC", format_date(at)) /> }
}

/// A date and time, without "UTC", for pages that say so.
#[component]
pub fn ShortTimestamp(
    /// The time.
    at: DateTime,
) -> impl IntoView {
    view! { <TimeElement at text=format!("{}, {}", format_date(at), format_time(at)) /> }
}

/// A date, with the time as a tooltip.
#[component]
pub fn DateOnly(
    /// The time.
    at: DateTime,
) -> impl IntoView {
    view! { <TimeElement at text=format_date(at) /> }
}

#[component]
fn TimeElement(at: DateTime, text: String) -> impl IntoView {
    let exact = at.to_string();
    view! {
        <time datetime=exact.clone() title=exact class="nowrap">
            {text}
        </time>
    }
}

fn format_time(at: DateTime) -> String {
    at.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// The date, as in `22 Nov 2026`.
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
    fn dates_are_formatted() {
        check("2026-11-22T22:50:00Z", "22 Nov 2026");
        check("2026-01-02T00:00:00Z", "2 Jan 2026");
        check("2026-12-31T23:59:59.999Z", "31 Dec 2026");
    }
}
