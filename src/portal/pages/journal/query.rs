//! The query parameters of Provisioning Logs. Both days are included, in UTC.

use leptos_router::params::ParamsMap;

use super::super::address;
use crate::{
    model::journal::{Action, JournalQuery, Status},
    scim::time::DateTime,
};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The filters as form fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilters {
    /// First day, as in `2026-11-22`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// A status by name.
    pub status: String,
    /// An action by name.
    pub action: String,
    /// The beginning of an identity.
    pub identity: String,
    /// Whether connection tests are hidden.
    pub hide_probes: bool,
    /// The page starts before this entry.
    pub before: String,
}

impl JournalFilters {
    /// Parses the parameters; invalid ones count as absent.
    pub fn parse(parameters: &ParamsMap) -> Self {
        let text = |name| parameters.get(name).unwrap_or_default().trim().to_owned();
        Self {
            from: Some(text("from")).filter(|day| midnight(day).is_some()).unwrap_or_default(),
            to: Some(text("to")).filter(|day| midnight(day).is_some()).unwrap_or_default(),
            status: Some(text("status")).filter(|name| name.parse::<Status>().is_ok()).unwrap_or_default(),
            action: Some(text("action")).filter(|name| name.parse::<Action>().is_ok()).unwrap_or_default(),
            identity: text("identity"),
            hide_probes: text("hide_probes") == "true",
            before: text("before"),
        }
    }

    /// The URL of the same list before an entry.
    pub fn url_before(&self, entry: &str) -> String {
        address(
            "/logs",
            &[
                ("from", self.from.clone()),
                ("to", self.to.clone()),
                ("status", self.status.clone()),
                ("action", self.action.clone()),
                ("identity", self.identity.clone()),
                ("hide_probes", if self.hide_probes { "true".to_owned() } else { String::new() }),
                ("before", entry.to_owned()),
            ],
        )
    }

    /// Whether any filter is set.
    pub fn is_filtered(&self) -> bool {
        *self != Self { before: self.before.clone(), ..Self::default() }
    }

    /// The query for the journal.
    pub fn query(&self) -> JournalQuery {
        JournalQuery {
            from: midnight(&self.from),
            to: midnight(&self.to).map(|day| DateTime::from_millis(day.as_millis() + DAY_MILLIS)),
            status: self.status.parse().ok(),
            action: self.action.parse().ok(),
            identity: Some(self.identity.clone()).filter(|identity| !identity.is_empty()),
            hide_probes: self.hide_probes,
            before: self.before.parse().ok(),
            limit: 50,
        }
    }
}

fn midnight(day: &str) -> Option<DateTime> {
    DateTime::parse(&format!("{day}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> ParamsMap {
        let mut parameters = ParamsMap::new();
        for (name, value) in pairs {
            parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        parameters
    }

    #[test]
    fn both_days_are_included() {
        let query = JournalFilters::parse(&parameters(&[("from", "2026-11-22"), ("to", "2026-11-22")])).query();
        assert_eq!(query.from, DateTime::parse("2026-11-22T00:00:00Z"));
        assert_eq!(query.to, DateTime::parse("2026-11-23T00:00:00Z"));
    }

    #[test]
    fn invalid_parameters_count_as_absent() {
        let filters = JournalFilters::parse(&parameters(&[("from", "soon"), ("status", "failure?"), ("before", "x")]));
        assert!(!filters.is_filtered());
        assert_eq!(filters.query(), JournalQuery { limit: 50, ..JournalQuery::default() });
    }

    #[test]
    fn links_to_other_pages_keep_the_filters() {
        let filters = JournalFilters::parse(&parameters(&[("status", "Failure"), ("hide_probes", "true")]));
        assert!(filters.is_filtered());
        assert_eq!(filters.url_before("17"), "/logs?status=Failure&hide_probes=true&before=17");
        assert_eq!(filters.query().status, Some(Status::Failure));
    }
}
