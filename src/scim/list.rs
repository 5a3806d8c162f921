//! Queries and their answers (RFC 7644 §3.4.2).

use super::{Filter, Projection, ScimError};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// The message URN of a list answer.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// How many resources one answer holds at most.
pub const MAX_RESULTS: u64 = 200;

/// What a client asks of a collection.
#[derive(Debug, Clone, PartialEq)]
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

/// Everything, from the first one on.
impl Default for ListQuery {
    fn default() -> Self {
        Self { filter: None, start_index: 1, count: None, projection: Projection::Default }
    }
}

impl ListQuery {
    /// Reads the decoded pairs of a query string. Unknown ones are ignored (§3.4.2), of repeated ones the first counts.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ScimError> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let value =
            |wanted: &str| pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
        let number = |name: &str| value(name).map(|value| whole_number(name, value)).transpose();
        Ok(Self {
            filter: value("filter").map(Filter::parse).transpose()?,
            start_index: number("startIndex")?.unwrap_or_default().max(1),
            count: number("count")?,
            projection: Projection::read(value("attributes"), value("excludedAttributes"))?,
        })
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

/// §3.4.2.4: of `startIndex`, "a value less than 1 SHALL be interpreted as 1"; of `count`, "a negative value SHALL be
/// interpreted as '0'". What is no number: our decision. What is too big to count stands for the biggest number.
fn whole_number(name: &str, value: &str) -> Result<u64, ScimError> {
    let (negative, digits) = match value.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+' | b' ', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ScimError::invalid_value(name, "it must be a whole number"));
    }
    // What a database counts with is signed.
    let most = i64::MAX.unsigned_abs();
    let number =
        digits.iter().fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Ok(if negative { 0 } else { number.min(most) })
}

impl ListResponse {
    /// One page of the resources that a query found.
    #[must_use]
    pub fn new(total_results: u64, start_index: u64, resources: Vec<Value>) -> Self {
        Self { total_results, start_index, items_per_page: resources.len() as u64, resources }
    }
}

/// §3.4.2: `totalResults` is required, and we also answer what may be left out when it is empty (decision).
impl Serialize for ListResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("schemas", &[LIST_RESPONSE_URN])?;
        map.serialize_entry("totalResults", &self.total_results)?;
        map.serialize_entry("startIndex", &self.start_index)?;
        map.serialize_entry("itemsPerPage", &self.items_per_page)?;
        map.serialize_entry("Resources", &self.resources)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ScimType;

    /// RFC 7644 §3.4.2.4; checklist 7, 8, 35
    #[test]
    fn paging_is_read_with_forbearance() {
        for (pairs, start_index, count, limit) in [
            (&[][..], 1, None, 200),
            (&[("startIndex", "6"), ("count", "5")], 6, Some(5), 5),
            (&[("STARTINDEX", "0"), ("Count", "0")], 1, Some(0), 0),
            (&[("startIndex", "-7"), ("count", "-1")], 1, Some(0), 0),
            (&[("count", "100000")], 1, Some(100_000), 200),
            (&[("count", "99999999999999999999999")], 1, Some(i64::MAX.unsigned_abs()), 200),
            (&[("startIndex", "99999999999999999999999")], i64::MAX.unsigned_abs(), None, 200),
            (&[("aadOptscim062020", ""), ("colour", "red"), ("", "")], 1, None, 200),
        ] {
            let query = ListQuery::read(pairs.iter().copied()).unwrap();
            assert_eq!((query.start_index, query.count, query.limit()), (start_index, count, limit), "{pairs:?}");
            assert_eq!(query.offset(), start_index - 1);
        }
    }

    #[test]
    fn what_is_no_number_or_filter_is_refused() {
        for (name, value, scim_type) in [
            ("startIndex", "one", ScimType::InvalidValue),
            ("startIndex", "", ScimType::InvalidValue),
            ("count", "1.5", ScimType::InvalidValue),
            ("count", "-", ScimType::InvalidValue),
            ("count", "0x10", ScimType::InvalidValue),
            ("filter", "", ScimType::InvalidFilter),
            ("filter", "userName eq", ScimType::InvalidFilter),
        ] {
            let error = ListQuery::read([(name, value)]).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{name}={value}");
        }
    }

    /// RFC 7644 §3.4.2; checklist 33, 34, 42
    #[test]
    fn an_answer_without_resources_is_complete() {
        let answer = serde_json::to_string(&ListResponse::new(0, 1, Vec::new())).unwrap();
        let expected = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
        assert_eq!(answer, expected);
    }
}
