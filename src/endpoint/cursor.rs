//! Cursors (RFC 9865): where a page ended, authenticated for one client of a tenant and one query. A client cannot forge a cursor or use
//! it for another query, and learns nothing from it that the page did not contain.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    auth::token::TokenKey,
    endpoint::caller::Caller,
    model::journal::{Actor, ResourceKind},
    scim::{
        error::ScimError,
        list::{CURSOR_TIMEOUT, ListQuery, MAX_RESULTS},
        time::DateTime,
    },
    store::{Position, Start},
};

/// The length of the authentication code, in bytes.
const SEAL: usize = 16;

/// The query that a cursor belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CursorContext<'a> {
    /// The caller.
    pub caller: &'a Caller,
    /// The resource types.
    pub kinds: &'a [ResourceKind],
    /// The query.
    pub query: &'a ListQuery,
    /// The time.
    pub now: DateTime,
}

/// The payload of a cursor.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// When it was issued, in milliseconds since 1970.
    #[serde(rename = "m")]
    made: i64,
    /// How many resources a page holds.
    #[serde(rename = "c")]
    count: u64,
    #[serde(rename = "p")]
    position: Position,
}

impl CursorContext<'_> {
    /// The first page. RFC 9865 §2.2.1: `invalidCount` "when the count is larger than what the service provider allows".
    pub fn first(&self) -> Result<Start, ScimError> {
        self.check_count()?;
        Ok(Start::First)
    }

    fn check_count(&self) -> Result<(), ScimError> {
        match self.query.count {
            Some(count) if count > MAX_RESULTS => {
                Err(ScimError::invalid_count(format_args!("it may be at most {MAX_RESULTS}")))
            }
            _ => Ok(()),
        }
    }

    /// The authentication code of a payload, valid for this caller and query alone.
    fn seal(&self, key: &TokenKey, payload: &[u8]) -> [u8; SEAL] {
        // A rotated token keeps its name, so that its client's cursors stay valid.
        let client = match &self.caller.origin.actor {
            Actor::Token { name, .. } => name,
            _ => "",
        };
        let ListQuery { filter, sort, .. } = self.query;
        let filter = filter.as_ref().map(ToString::to_string);
        let sort = sort.as_ref().map(|sort| (sort.by.to_string(), sort.descending));
        let question = format!("{client:?} {} {:?} {filter:?} {sort:?} ", self.caller.tenant.0, self.kinds);
        let full = key.seal("cursor", &[question.as_bytes(), payload]);
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&full[..SEAL]);
        seal
    }
}

/// A cursor for the page after `position`.
#[must_use]
pub fn seal(key: &TokenKey, context: &CursorContext<'_>, position: Position) -> String {
    let payload = Payload { made: context.now.as_millis(), count: context.query.limit(), position };
    let payload = serde_json::to_vec(&payload).expect("numbers and texts serialise");
    URL_SAFE_NO_PAD.encode([&context.seal(key, &payload)[..], &payload].concat())
}

/// The position in a cursor, and the page size it was issued for.
pub fn open(key: &TokenKey, context: &CursorContext<'_>, cursor: &str) -> Result<(Position, u64), ScimError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ScimError::invalid_cursor())?;
    let (seal, payload) = bytes.split_first_chunk::<SEAL>().ok_or_else(ScimError::invalid_cursor)?;
    // The time of this comparison reveals nothing useful: every payload has another code of 128 bits.
    if *seal != context.seal(key, payload) {
        return Err(ScimError::invalid_cursor());
    }
    let Payload { made, count, position } = serde_json::from_slice(payload).map_err(|_| ScimError::invalid_cursor())?;
    if context.now.as_millis().abs_diff(made) > CURSOR_TIMEOUT.unsigned_abs() * 1_000 {
        return Err(ScimError::expired_cursor());
    }
    context.check_count()?;
    if context.query.count.is_some_and(|requested| requested != count) {
        return Err(ScimError::invalid_count("it must be the same for all pages"));
    }
    Ok((position, count))
}
