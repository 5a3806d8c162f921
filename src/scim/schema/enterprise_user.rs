//! The enterprise extension of User (RFC 7643 §4.3, §8.7.1).

use super::{Attribute, ENTERPRISE_URN, Schema};
use std::borrow::Cow::Borrowed;

pub(super) const ENTERPRISE_USER: Schema = Schema {
    id: Borrowed(ENTERPRISE_URN),
    name: Borrowed("EnterpriseUser"),
    description: Borrowed("Enterprise User"),
    attributes: Borrowed(ATTRIBUTES),
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("employeeNumber", "The number or code the employer gave."),
    Attribute::string("costCenter", "The cost center."),
    Attribute::string("organization", "The organization."),
    Attribute::string("division", "The division."),
    Attribute::string("department", "The department."),
    Attribute::complex("manager", "The user's manager, who need not be known here.", MANAGER),
];

const MANAGER: &[Attribute] = &[
    Attribute::string("value", "The id of the manager.").case_exact(),
    Attribute::reference("$ref", &[Borrowed("User")], "Where the manager is found."),
    Attribute::string("displayName", "The displayName of the manager.").read_only(),
];
