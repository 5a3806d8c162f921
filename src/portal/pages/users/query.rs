//! The query parameters of Manage Users.

use leptos_router::params::ParamsMap;

use super::super::{address, sort_order};
use crate::model::page::{Source, UserColumn, UserQuery, UserState};

const COLUMNS: [(UserColumn, &str); 5] = [
    (UserColumn::UserName, "userName"),
    (UserColumn::DisplayName, "name"),
    (UserColumn::Email, "email"),
    (UserColumn::Created, "created"),
    (UserColumn::LastModified, "changed"),
];

/// Parses the parameters; invalid ones count as absent.
pub fn parse(parameters: &ParamsMap) -> UserQuery {
    UserQuery {
        search: parameters.get("q").unwrap_or_default().trim().to_owned(),
        state: match parameters.get("state").as_deref() {
            Some("active") => Some(UserState::Active),
            Some("inactive") => Some(UserState::Inactive),
            _ => None,
        },
        source: match parameters.get("source").as_deref() {
            Some("idp") => Some(Source::Idp),
            Some("manual") => Some(Source::Manual),
            _ => None,
        },
        order: sort_order::parse(&COLUMNS, &parameters.get("sort").unwrap_or_default()),
        cursor: parameters.get("page").filter(|cursor| !cursor.is_empty()),
        limit: 50,
    }
}

/// The URL for a query.
pub fn url(query: &UserQuery) -> String {
    address(
        "/users",
        &[
            ("q", query.search.clone()),
            ("state", state(query).to_owned()),
            ("source", source(query).to_owned()),
            ("sort", sort(query)),
            ("page", query.cursor.clone().unwrap_or_default()),
        ],
    )
}

/// The state filter as a form field.
pub fn state(query: &UserQuery) -> &'static str {
    match query.state {
        Some(UserState::Active) => "active",
        Some(UserState::Inactive) => "inactive",
        None => "",
    }
}

/// The source filter as a form field.
pub fn source(query: &UserQuery) -> &'static str {
    match query.source {
        Some(Source::Idp) => "idp",
        Some(Source::Manual) => "manual",
        None => "",
    }
}

/// The order as a form field; empty for the default.
pub fn sort(query: &UserQuery) -> String {
    sort_order::format(&COLUMNS, query.order)
}

/// Whether any filter is set.
pub fn is_filtered(query: &UserQuery) -> bool {
    !query.search.is_empty() || query.state.is_some() || query.source.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::page::UserOrder;

    #[track_caller]
    fn check(query: &UserQuery, expected: &str) {
        assert_eq!(url(query), expected);
        let mut parameters = ParamsMap::new();
        for pair in expected.split_once('?').map_or("", |(_, query)| query).split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            parameters.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(parse(&parameters), *query);
    }

    #[test]
    fn a_query_survives_the_round_trip_through_a_url() {
        check(&UserQuery { limit: 50, ..UserQuery::default() }, "/users");
        check(
            &UserQuery {
                search: "ana".to_owned(),
                state: Some(UserState::Inactive),
                source: Some(Source::Idp),
                order: UserOrder { column: UserColumn::LastModified, descending: true },
                cursor: Some("abc".to_owned()),
                limit: 50,
            },
            "/users?q=ana&state=inactive&source=idp&sort=-changed&page=abc",
        );
    }
}
