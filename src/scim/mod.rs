//! SCIM 2.0 as values and total functions: the resources of RFC 7643 and the operations of RFC 7644 on them.
//! Nothing here depends on HTTP, a database, the time of day or the rest of the program.

#[cfg(test)]
mod arbitrary;
pub mod bulk;
pub mod compare;
pub mod discovery;
pub mod document;
pub mod error;
pub mod filter;
pub mod group;
pub mod json;
pub mod list;
pub mod openapi;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod time;
pub mod user;
pub mod version;

pub use bulk::{BulkOperation, BulkRequest};
pub use document::{Change, Document, Incoming, Membership, Resource};
pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use group::{Group, Member};
pub use list::{ListQuery, ListResponse};
pub use patch::PatchRequest;
pub use path::AttributePath;
pub use projection::Projection;
pub use schema::{ResourceKind, ResourceType, Types};
pub use time::DateTime;
pub use user::{Address, Email, EnterpriseUser, Manager, Meta, Name, PhoneNumber, User};
pub use version::Versions;
