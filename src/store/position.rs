//! Positions in lists of users and groups.

use serde::{Deserialize, Serialize};

use super::database::from_row;
use super::value::Value;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// After so many resources.
    Offset(u64),
    /// At the first resource; the page says where the next one begins.
    First,
    /// After the position at which an earlier page ended, whatever has changed since; the page says where the next one
    /// begins.
    After(Position),
}

/// A position in an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The value that is sorted by; none where it is absent.
    #[serde(rename = "k")]
    pub(super) key: Option<Value<'static>>,
    /// Which of the types.
    #[serde(rename = "t")]
    pub(super) kind: i64,
    /// The row.
    #[serde(rename = "s")]
    pub(super) seq: i64,
}

from_row!(Position { kind, seq, key });
