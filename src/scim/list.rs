//! Queries and their answers (RFC 7644 §3.4.2).

use super::{AttributePath, Filter, Projection, ResourceType, ScimError, document::value::schemas, schema::Kind};
use serde::Serialize;
use serde_json::Value;

/// The message URN of a list answer.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The message URN of a search by POST.
pub const SEARCH_REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// Every parameter of a query that means something to us.
pub const PARAMETERS: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
/// How long a cursor can be used, in seconds.
pub const CURSOR_TIMEOUT: i64 = 3_600;
/// How many resources one answer holds at most.
pub const MAX_RESULTS: u64 = 200;

/// What a client asks of a collection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListQuery {
    /// Which resources.
    pub filter: Option<Filter>,
    /// In which order.
    pub sort: Option<Sort>,
    /// From where on.
    pub start: PageStart,
    /// How many are wanted; none leaves it to the server.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
}

/// Where the page that is asked for begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// At the resource with this number; counts from 1.
    Index(u64),
    /// At the first resource, by cursor from there on (RFC 9865).
    FirstCursor,
    /// Where a cursor says.
    Cursor(String),
}

/// An order (§3.4.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The attribute to sort by.
    pub by: AttributePath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListResponse<R> {
    /// How many there are on all pages.
    pub total_results: u64,
    /// Where the page is in the list.
    pub position: PagePosition,
    /// The resources.
    pub resources: Vec<R>,
}

/// Where a page is in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagePosition {
    /// It begins with the resource of this number; counts from 1.
    Index(u64),
    /// Before the page that this cursor leads to; none for the last one (RFC 9865 §2.1).
    Before(Option<String>),
}

/// The first one.
impl Default for PageStart {
    fn default() -> Self {
        Self::Index(1)
    }
}

impl ListQuery {
    /// Reads the decoded pairs of a query string. Unknown ones are ignored (§3.4.2), of repeated ones the first counts. An
    /// empty one is as if absent, but for `cursor`, which asks for the first page that way.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ScimError> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let value =
            |wanted: &str| pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
        let given = |name: &str| value(name).filter(|value| !value.trim().is_empty());
        let number = |name: &str| given(name).map(|value| whole_number(name, value)).transpose();
        let start = match value("cursor") {
            None => PageStart::Index(number("startIndex")?.unwrap_or_default().max(1)),
            Some(_) if given("startIndex").is_some() => {
                return Err(ScimError::invalid_value("startIndex", "it cannot be combined with `cursor`"));
            }
            Some("") => PageStart::FirstCursor,
            Some(cursor) => PageStart::Cursor(cursor.to_owned()),
        };
        Ok(Self {
            filter: given("filter").map(Filter::parse).transpose()?,
            sort: Sort::read(value("sortBy"), value("sortOrder"))?,
            start,
            count: number("count")?,
            projection: Projection::read(value("attributes"), value("excludedAttributes"))?,
        })
    }

    /// Reads the body of a `.search` (§3.4.3): the same as members of an object, lists of attributes as arrays.
    pub fn read_search(sent: &Value) -> Result<Self, ScimError> {
        let sent = sent.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object."))?;
        if !schemas(sent)?.iter().any(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST_URN)) {
            return Err(ScimError::invalid_syntax(format!("`schemas` must list `{SEARCH_REQUEST_URN}`.")));
        }
        let mut pairs = Vec::new();
        for (name, value) in sent {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(names) if name.to_ascii_lowercase().ends_with("attributes") => {
                    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                    names.ok_or_else(|| ScimError::invalid_value(name, "it must be a list of texts"))?.join(",")
                }
                _ if PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
                    return Err(ScimError::invalid_value(name, "it is of the wrong type"));
                }
                _ => continue,
            };
            pairs.push((name.as_str(), text));
        }
        Self::read(pairs.iter().map(|(name, text)| (*name, text.as_str())))
    }

    /// Refuses what cannot be asked of any of these types. What only one of them has is absent in the others.
    pub fn check(&self, types: &[&ResourceType]) -> Result<(), ScimError> {
        if let Some(filter) = &self.filter {
            types.iter().try_for_each(|known| filter.check(known))?;
        }
        self.sort.as_ref().map_or(Ok(()), |sort| sort.check(types))
    }

    /// How many resources to fetch: what is wanted, within what one answer may hold.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.count.unwrap_or(MAX_RESULTS).min(MAX_RESULTS)
    }
}

impl Sort {
    /// §3.4.2.3: the order is ascending unless it is said to be `descending`; without `sortBy` it is ignored.
    fn read(by: Option<&str>, order: Option<&str>) -> Result<Option<Self>, ScimError> {
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else { return Ok(None) };
        let by = by.parse().map_err(|_| ScimError::invalid_value("sortBy", "it is not the name of an attribute"))?;
        let descending = match order.unwrap_or("ascending").trim() {
            "" => false,
            word if word.eq_ignore_ascii_case("ascending") => false,
            word if word.eq_ignore_ascii_case("descending") => true,
            _ => return Err(ScimError::invalid_value("sortOrder", "it must be `ascending` or `descending`")),
        };
        Ok(Some(Self { by, descending }))
    }

    fn check(&self, types: &[&ResourceType]) -> Result<(), ScimError> {
        let refused = |why: &str| Err(ScimError::invalid_value("sortBy", format_args!("`{}` {why}", self.by)));
        let found: Vec<_> = types.iter().filter_map(|known| known.resolve(&self.by)).collect();
        if found.is_empty() {
            return refused("is in no schema");
        }
        if found.iter().any(|resolved| resolved.attribute.is_secret()) {
            return refused("is secret");
        }
        if found.iter().any(|resolved| resolved.compared().leaf().kind == Kind::Complex) {
            return refused("has parts; name the one to sort by");
        }
        Ok(())
    }
}

/// §3.4.2.4: of `startIndex`, "a value less than 1 SHALL be interpreted as 1"; of `count`, "a negative value SHALL be
/// interpreted as '0'". Our decision: what is not a number is refused, and a number that is too big is read as the biggest one.
fn whole_number(name: &str, value: &str) -> Result<u64, ScimError> {
    let (negative, digits) = match value.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+' | b' ', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ScimError::invalid_value(name, "it must be a whole number"));
    }
    // Databases count with signed numbers.
    let most = i64::MAX.unsigned_abs();
    let number =
        digits.iter().fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Ok(if negative { 0 } else { number.min(most) })
}

impl<R> ListResponse<R> {
    /// The message as JSON, each resource as `write` writes it, `size` bytes or so. §3.4.2: `totalResults` is required, and we also answer what
    /// may be left out when it is empty (decision).
    ///
    /// # Errors
    /// Those of `write`.
    pub fn to_json(
        &self,
        size: impl Fn(&R) -> usize,
        write: impl Fn(&R, &mut Vec<u8>) -> Result<(), serde_json::Error>,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let (start_index, next_cursor) = match &self.position {
            PagePosition::Index(start_index) => (Some(*start_index), None),
            PagePosition::Before(next) => (None, next.as_deref()),
        };
        let items_per_page = self.resources.len();
        let total_results = self.total_results;
        let mut json = serde_json::to_vec(&ListHead {
            schemas: [LIST_RESPONSE_URN],
            total_results,
            start_index,
            items_per_page,
            next_cursor,
        })?;
        json.pop();
        json.reserve(self.resources.iter().map(size).sum::<usize>() + 16);
        json.extend_from_slice(b",\"Resources\":[");
        for (index, resource) in self.resources.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            write(resource, &mut json)?;
        }
        json.extend_from_slice(b"]}");
        Ok(json)
    }
}

/// The members before the resources.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListHead<'a> {
    schemas: [&'a str; 1],
    total_results: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_index: Option<u64>,
    items_per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ScimType;

    /// RFC 7644 §3.4.2.4; checklist 7, 8, 35
    #[test]
    fn paging_parameters_are_read_leniently() {
        for (pairs, start_index, count, limit) in [
            (&[][..], 1, None, 200),
            (&[("startIndex", "6"), ("count", "5")], 6, Some(5), 5),
            (&[("STARTINDEX", "0"), ("Count", "0")], 1, Some(0), 0),
            (&[("startIndex", "-7"), ("count", "-1")], 1, Some(0), 0),
            (&[("count", "100000")], 1, Some(100_000), 200),
            (&[("count", "99999999999999999999999")], 1, Some(i64::MAX.unsigned_abs()), 200),
            (&[("startIndex", "99999999999999999999999")], i64::MAX.unsigned_abs(), None, 200),
            (&[("startIndex", ""), ("count", " "), ("filter", "")], 1, None, 200),
            (&[("aadOptscim062020", ""), ("colour", "red"), ("", "")], 1, None, 200),
        ] {
            let query = ListQuery::read(pairs.iter().copied()).unwrap();
            let expected = (PageStart::Index(start_index), count, limit);
            assert_eq!((query.start.clone(), query.count, query.limit()), expected, "{pairs:?}");
        }
    }

    #[test]
    fn what_is_no_number_or_filter_is_refused() {
        for (name, value, scim_type) in [
            ("startIndex", "one", ScimType::InvalidValue),
            ("count", "1.5", ScimType::InvalidValue),
            ("count", "-", ScimType::InvalidValue),
            ("count", "0x10", ScimType::InvalidValue),
            ("filter", "userName eq", ScimType::InvalidFilter),
        ] {
            let error = ListQuery::read([(name, value)]).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{name}={value}");
        }
    }

    /// RFC 7644 §3.4.2; checklist 33, 34, 42
    #[test]
    fn an_answer_without_resources_is_complete() {
        let answer =
            ListResponse { total_results: 0, position: PagePosition::Index(1), resources: Vec::<Value>::new() };
        let answer = answer.to_json(|_| 0, |resource, out| serde_json::to_writer(out, resource)).unwrap();
        let expected = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
        assert_eq!(String::from_utf8(answer).unwrap(), expected);
    }
}
