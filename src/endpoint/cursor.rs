//! Cursors (RFC 9865): where a page ended, sealed for the bearer of one token and for one query. A client can neither
//! read from a cursor more than it was answered, nor make one, nor carry it over to another question.

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

/// Bytes of the seal.
const SEAL: usize = 16;

/// The question a cursor belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Of which types.
    pub kinds: &'a [ResourceKind],
    /// What.
    pub query: &'a ListQuery,
    /// When.
    pub now: DateTime,
}

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Content {
    /// When it was made, in milliseconds since 1970.
    #[serde(rename = "m")]
    made: i64,
    /// How many resources a page holds.
    #[serde(rename = "c")]
    count: u64,
    #[serde(rename = "p")]
    position: Position,
}

impl Asked<'_> {
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

    /// The seal for a content, which holds for this caller and question alone.
    fn seal(&self, key: &TokenKey, content: &[u8]) -> [u8; SEAL] {
        let token = match &self.caller.origin.actor {
            Actor::Token { id, .. } => id.to_string(),
            _ => String::new(),
        };
        let ListQuery { filter, sort, .. } = self.query;
        let filter = filter.as_ref().map(ToString::to_string);
        let sort = sort.as_ref().map(|sort| (sort.by.to_string(), sort.descending));
        let question = format!("{token} {} {:?} {filter:?} {sort:?} ", self.caller.tenant.0, self.kinds);
        let full = key.seal("cursor", &[question.as_bytes(), content]);
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&full[..SEAL]);
        seal
    }
}

/// A cursor that leads behind `position`.
#[must_use]
pub fn seal(key: &TokenKey, asked: &Asked<'_>, position: Position) -> String {
    let content = Content { made: asked.now.as_millis(), count: asked.query.limit(), position };
    let content = serde_json::to_vec(&content).expect("numbers and texts serialise");
    URL_SAFE_NO_PAD.encode([&asked.seal(key, &content)[..], &content].concat())
}

/// Where a cursor leads, and how many resources the pages have that it goes through.
pub fn open(key: &TokenKey, asked: &Asked<'_>, cursor: &str) -> Result<(Position, u64), ScimError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ScimError::invalid_cursor())?;
    let (seal, content) = bytes.split_first_chunk::<SEAL>().ok_or_else(ScimError::invalid_cursor)?;
    // A seal of 128 bits that differs for every content tells nothing by the time its comparison takes.
    if *seal != asked.seal(key, content) {
        return Err(ScimError::invalid_cursor());
    }
    let Content { made, count, position } = serde_json::from_slice(content).map_err(|_| ScimError::invalid_cursor())?;
    if asked.now.as_millis().abs_diff(made) > CURSOR_TIMEOUT.unsigned_abs() * 1_000 {
        return Err(ScimError::expired_cursor());
    }
    asked.check_count()?;
    if asked.query.count.is_some_and(|asked| asked != count) {
        return Err(ScimError::invalid_count("it must be the same for all pages"));
    }
    Ok((position, count))
}
