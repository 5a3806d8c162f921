//! The attributes every resource has beside its schemas (RFC 7643 §3, §3.1). No schema lists them.

use super::Attribute;

pub(super) const COMMON: &[Attribute] = &[
    Attribute::reference("schemas", &[], "The URNs of the schemas in use.")
        .many()
        .required()
        .read_only()
        .always_returned(),
    Attribute::string("id", "Made by the server.").case_exact().read_only().always_returned(),
    Attribute::string("externalId", "The client's own id.").case_exact(),
    Attribute::complex("meta", "What the server knows about the resource.", META).read_only(),
];

const META: &[Attribute] = &[
    Attribute::string("resourceType", "The kind of resource.").case_exact().read_only(),
    Attribute::date_time("created", "When it was made.").read_only(),
    Attribute::date_time("lastModified", "When it was last changed.").read_only(),
    Attribute::string("location", "Where it is found.").case_exact().read_only(),
    Attribute::string("version", "Its entity tag.").case_exact().read_only(),
];
