//! The query parameters of Manage Groups and of a group's page.

use leptos_router::params::ParamsMap;

use super::super::{address, sort_order};
use crate::model::{
    id::GroupId,
    page::{GroupColumn, GroupQuery},
};

const COLUMNS: [(GroupColumn, &str); 4] = [
    (GroupColumn::DisplayName, "name"),
    (GroupColumn::Members, "members"),
    (GroupColumn::Created, "created"),
    (GroupColumn::LastModified, "changed"),
];

/// Parses the parameters of the list; invalid ones count as absent.
pub fn parse(parameters: &ParamsMap) -> GroupQuery {
    GroupQuery {
        search: text(parameters, "q"),
        order: sort_order::parse(&COLUMNS, &text(parameters, "sort")),
        cursor: parameters.get("page").filter(|cursor| !cursor.is_empty()),
        limit: 50,
    }
}

/// The URL of the list for a query.
pub fn url(query: &GroupQuery) -> String {
    let page = query.cursor.clone().unwrap_or_default();
    address("/groups", &[("q", query.search.clone()), ("sort", sort(query)), ("page", page)])
}

/// The order as a form field; empty for the default.
pub fn sort(query: &GroupQuery) -> String {
    sort_order::format(&COLUMNS, query.order)
}

/// Which members and history entries a group's page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPageQuery {
    /// The beginning of a member's name.
    pub search: String,
    /// The cursor of the page of members.
    pub page: String,
    /// The history starts before this entry.
    pub before: String,
}

impl GroupPageQuery {
    /// Parses the parameters.
    pub fn parse(parameters: &ParamsMap) -> Self {
        Self { search: text(parameters, "q"), page: text(parameters, "page"), before: text(parameters, "before") }
    }

    /// The URL for this query, at one of the page's headings.
    pub fn url(&self, group: GroupId, heading: &str) -> String {
        let (search, page, before) = (self.search.clone(), self.page.clone(), self.before.clone());
        let address = address(&format!("/groups/{group}"), &[("q", search), ("page", page), ("before", before)]);
        format!("{address}#{heading}")
    }
}

fn text(parameters: &ParamsMap, name: &str) -> String {
    parameters.get(name).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::page::GroupOrder;

    fn parameters(address: &str) -> ParamsMap {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let mut parameters = ParamsMap::new();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            parameters.insert(name.to_owned(), value.to_owned());
        }
        parameters
    }

    #[track_caller]
    fn check(query: &GroupQuery, expected: &str) {
        assert_eq!(url(query), expected);
        assert_eq!(parse(&parameters(expected)), *query);
    }

    #[test]
    fn a_query_survives_the_round_trip_through_a_url() {
        check(&GroupQuery { limit: 50, ..GroupQuery::default() }, "/groups");
        check(
            &GroupQuery {
                search: "sales".to_owned(),
                order: GroupOrder { column: GroupColumn::Members, descending: true },
                cursor: Some("abc".to_owned()),
                limit: 50,
            },
            "/groups?q=sales&sort=-members&page=abc",
        );
    }

    #[test]
    fn members_and_history_have_separate_pages() {
        let group = GroupId(uuid::Uuid::nil());
        let query = GroupPageQuery { search: "ana".to_owned(), page: "n1.61".to_owned(), before: "17".to_owned() };
        let address = query.url(group, "members");
        assert_eq!(address, format!("/groups/{group}?q=ana&page=n1.61&before=17#members"));
        assert_eq!(GroupPageQuery::parse(&parameters(address.trim_end_matches("#members"))), query);
    }
}
