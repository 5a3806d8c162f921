//! The core Group schema (RFC 7643 §4.2, §8.7.1).

use super::{Attribute, GROUP_URN, Schema};
use std::borrow::Cow::Borrowed;

pub(super) const GROUP: &Schema = &Schema {
    id: Borrowed(GROUP_URN),
    name: Borrowed("Group"),
    description: Borrowed("Group"),
    attributes: Borrowed(ATTRIBUTES),
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName", "The name to show; unique within the tenant, in any letter case.")
        .required()
        .unique_in_tenant(),
    Attribute::complex("members", "The users and groups in this group.", MEMBER).many(),
];

const MEMBER: &[Attribute] = &[
    Attribute::string("value", "The id of the member.").required().immutable(),
    Attribute::reference("$ref", &[Borrowed("User"), Borrowed("Group")], "Where the member is found.").immutable(),
    Attribute::string("type", "What the member is.").immutable().suggesting(&[Borrowed("User"), Borrowed("Group")]),
    Attribute::string("display", "The name of the member."),
];
