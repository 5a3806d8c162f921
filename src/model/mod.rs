//! Our own nouns, beside SCIM's: what store, directory, endpoint and portal (browser included) say to each other.
//! Plain values with serde; no database, no clock, no HTTP.

pub mod account;
pub mod id;
pub mod journal;
pub mod page;
pub mod tenant;
pub mod token;
