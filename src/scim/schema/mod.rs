//! Schemas as data (RFC 7643 §2.2, §7): every attribute with its characteristics, every resource type with its
//! schemas. Names are found without regard to letter case and answered in canonical spelling.

mod characteristics;
mod common;
mod core_group;
mod core_user;
pub mod definition;
mod enterprise_user;
mod resolve;
mod types;

#[cfg(test)]
mod tests;

pub use resolve::Resolved;
pub use types::{ResourceKind, Types};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The URN of the core User schema.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the core Group schema.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the enterprise extension of User.
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An attribute and its characteristics (RFC 7643 §2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "RFC 7643 §7 has these characteristics as booleans")]
pub struct Attribute {
    /// The canonical spelling.
    pub name: Cow<'static, str>,
    /// What kind of value it holds.
    pub kind: Kind,
    /// Whether it holds several.
    pub multi_valued: bool,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// Whether a resource cannot do without it.
    pub required: bool,
    /// Whether letter case counts in comparisons.
    pub case_exact: bool,
    /// Who may change it, and when.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// How far its values are unique.
    pub uniqueness: Uniqueness,
    /// Suggested values; others are accepted.
    pub canonical_values: Cow<'static, [Cow<'static, str>]>,
    /// What a reference may point to.
    pub reference_types: Cow<'static, [Cow<'static, str>]>,
    /// The parts of a complex attribute.
    pub sub_attributes: Cow<'static, [Attribute]>,
    /// Whether `/Schemas` shows it.
    pub published: bool,
    /// Whether a client can change its value but never take it away. So it is with `active` alone: a user without it would
    /// count as active, so that a `null`, an empty text or a `remove` would give a disabled user access again.
    pub always_assigned: bool,
}

/// What kind of value an attribute holds (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant, as `xsd:dateTime`.
    DateTime,
    /// Base64.
    Binary,
    /// A URI, or the id of a resource.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute, and when (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client, any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client, any time, but it is never read back.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Whichever attributes are requested.
    Always,
    /// In no case.
    Never,
    /// Unless deselected.
    Default,
    /// Only if asked for.
    Request,
}

/// How far the values of an attribute are unique (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Within the tenant.
    Server,
    /// Everywhere.
    Global,
}

/// A schema: a URN and its attributes (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The URN.
    pub id: Cow<'static, str>,
    /// A short name.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// Its attributes, in the order in which resources show them.
    pub attributes: Cow<'static, [Attribute]>,
}

/// A kind of resource (RFC 7643 §6): where it lives and which schemas it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceType {
    /// `User` or `Group`.
    pub name: Cow<'static, str>,
    /// `/Users` or `/Groups`.
    pub endpoint: Cow<'static, str>,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// The core schema.
    pub schema: Cow<'static, Schema>,
    /// The extensions; a resource need not have any of them.
    pub extensions: Cow<'static, [Schema]>,
}

static USER: ResourceType = ResourceType {
    name: Cow::Borrowed("User"),
    endpoint: Cow::Borrowed("/Users"),
    description: Cow::Borrowed("User Account"),
    schema: Cow::Borrowed(core_user::USER),
    extensions: Cow::Borrowed(&[enterprise_user::ENTERPRISE_USER]),
};

static GROUP: ResourceType = ResourceType {
    name: Cow::Borrowed("Group"),
    endpoint: Cow::Borrowed("/Groups"),
    description: Cow::Borrowed("Group"),
    schema: Cow::Borrowed(core_group::GROUP),
    extensions: Cow::Borrowed(&[]),
};

/// The built-in User resource type: with the enterprise extension and no other.
#[must_use]
pub fn user() -> &'static ResourceType {
    &USER
}

/// The built-in Group resource type.
#[must_use]
pub fn group() -> &'static ResourceType {
    &GROUP
}
