//! What Manage Groups and a group's page ask for, as it stands in the address.

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

/// Reads the address of the list; what makes no sense counts as absent.
pub fn parse(parameters: &ParamsMap) -> GroupQuery {
    GroupQuery {
        search: text(parameters, "q"),
        order: sort_order::parse(&COLUMNS, &text(parameters, "sort")),
        cursor: parameters.get("page").filter(|cursor| !cursor.is_empty()),
        limit: 50,
    }
}

/// The address of the list that reads back as this query.
pub fn url(query: &GroupQuery) -> String {
    let page = query.cursor.clone().unwrap_or_default();
    address("/groups", &[("q", query.search.clone()), ("sort", sort(query)), ("page", page)])
}

/// The order as the form has it; empty for the usual one.
pub fn sort(query: &GroupQuery) -> String {
    sort_order::format(&COLUMNS, query.order)
}

/// What of a group's members and history is shown on its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPageQuery {
    /// The beginning of a member's name.
    pub search: String,
    /// Where the page of members begins.
    pub page: String,
    /// The entry before which the history begins.
    pub before: String,
}

impl GroupPageQuery {
    /// Reads the address.
    pub fn parse(parameters: &ParamsMap) -> Self {
        Self { search: text(parameters, "q"), page: text(parameters, "page"), before: text(parameters, "before") }
    }

    /// The address that reads back as this part, at one of the page's headings.
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
    fn a_query_stands_in_the_address_and_reads_back() {
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
    fn members_and_history_are_paged_apart() {
        let group = GroupId(uuid::Uuid::nil());
        let query = GroupPageQuery { search: "ana".to_owned(), page: "n1.61".to_owned(), before: "17".to_owned() };
        let address = query.url(group, "members");
        assert_eq!(address, format!("/groups/{group}?q=ana&page=n1.61&before=17#members"));
        assert_eq!(GroupPageQuery::parse(&parameters(address.trim_end_matches("#members"))), query);
    }
}
