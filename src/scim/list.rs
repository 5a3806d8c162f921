//! Queries and their answers (RFC 7644 §3.4.2).

use super::{Filter, Projection, ScimError};
use serde_json::Value;

/// The message URN of a list answer.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// How many resources one answer holds at most.
pub const MAX_RESULTS: u64 = 200;

/// What a client asks of a collection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListQuery {
    /// Which resources.
    pub filter: Option<Filter>,
    /// The first one wanted; counts from 1.
    pub start_index: u64,
    /// How many are wanted; none leaves it to the server.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
}

/// One page of a list. Serialises with its `schemas`.
#[derive(Debug, Clone, PartialEq)]
pub struct ListResponse {
    /// How many there are on all pages.
    pub total_results: u64,
    /// The first one on this page; counts from 1.
    pub start_index: u64,
    /// How many are on this page.
    pub items_per_page: u64,
    /// The resources, rendered.
    pub resources: Vec<Value>,
}

impl ListQuery {
    /// Reads the decoded pairs of a query string; unknown ones are ignored.
    pub fn read<'a>(
        _pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ScimError> {
        todo!()
    }

    /// How many resources to fetch: what is wanted, within what one answer may hold.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.count.unwrap_or(MAX_RESULTS).min(MAX_RESULTS)
    }

    /// How many resources to pass over.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.start_index.saturating_sub(1)
    }
}

impl serde::Serialize for ListResponse {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("schemas", &[LIST_RESPONSE_URN])?;
        map.serialize_entry("totalResults", &self.total_results)?;
        map.serialize_entry("startIndex", &self.start_index)?;
        map.serialize_entry("itemsPerPage", &self.items_per_page)?;
        map.serialize_entry("Resources", &self.resources)?;
        map.end()
    }
}
