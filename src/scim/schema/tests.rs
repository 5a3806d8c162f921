//! The tables say what RFC 7643 and the checklist say, and names are found in them.

use super::*;
use crate::scim::AttributePath;

fn resolve<'a>(resource_type: &'a ResourceType, path: &str) -> Option<Vec<&'a str>> {
    let path: AttributePath = path.parse().unwrap();
    resource_type.resolve(&path).map(|resolved| resolved.pointer())
}

/// RFC 7644 §3.10; checklist 8, 49
#[test]
fn paths_are_resolved_in_any_letter_case_with_and_without_urn() {
    for (path, pointer) in [
        ("USERNAME", &["userName"][..]),
        ("id", &["id"]),
        ("externalid", &["externalId"]),
        ("schemas", &["schemas"]),
        ("meta.LASTMODIFIED", &["meta", "lastModified"]),
        ("name.givenname", &["name", "givenName"]),
        ("emails.$ref", &[]),
        ("emails.value", &["emails", "value"]),
        ("urn:ietf:params:scim:schemas:core:2.0:user:username", &["userName"]),
        ("urn:ietf:params:scim:schemas:core:2.0:User:department", &[]),
        ("URN:IETF:params:scim:schemas:extension:enterprise:2.0:User:Department", &[ENTERPRISE_URN, "department"]),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$REF",
            &[ENTERPRISE_URN, "manager", "$ref"],
        ),
        ("department", &[ENTERPRISE_URN, "department"]),
        ("manager.value", &[ENTERPRISE_URN, "manager", "value"]),
        ("urn:x:userName", &[]),
        ("shoeSize", &[]),
        ("userName.value", &[]),
    ] {
        let expected = (!pointer.is_empty()).then(|| pointer.to_vec());
        assert_eq!(resolve(user(), path), expected, "{path}");
    }
    assert_eq!(resolve(group(), "department"), None);
    assert_eq!(resolve(group(), "members.value"), Some(vec!["members", "value"]));
}

/// Checklist 49: "exactly one extension"
#[test]
fn a_bare_name_in_two_extensions_belongs_to_neither() {
    let mut two = user().clone();
    let mut copy = two.extensions[0].clone();
    copy.id = "urn:example:extension".into();
    two.extensions.to_mut().push(copy);
    assert_eq!(resolve(&two, "department"), None);
    assert_eq!(resolve(&two, "urn:example:extension:department"), Some(vec!["urn:example:extension", "department"]));
}

/// RFC 7643 §2.4: what a filter on a complex attribute compares
#[test]
fn a_complex_attribute_named_alone_compares_its_value() {
    for (path, leaf) in
        [("emails", "value"), ("manager", "value"), ("name", "name"), ("emails.type", "type"), ("title", "title")]
    {
        let path: AttributePath = path.parse().unwrap();
        assert_eq!(user().resolve(&path).unwrap().compared().leaf().name, leaf);
    }
}

/// Checklist 18, 45 and the tables of RFC 7643 §8.7.1
#[test]
fn characteristics_are_those_of_the_rfc() {
    use Mutability::{Immutable, ReadOnly, ReadWrite, WriteOnly};
    for (resource_type, path, kind, case_exact, mutability, required) in [
        (user(), "id", Kind::String, true, ReadOnly, false),
        (user(), "externalId", Kind::String, true, ReadWrite, false),
        (user(), "userName", Kind::String, false, ReadWrite, true),
        (user(), "displayName", Kind::String, false, ReadWrite, false),
        (user(), "active", Kind::Boolean, false, ReadWrite, false),
        (user(), "password", Kind::String, true, WriteOnly, false),
        (user(), "profileUrl", Kind::Reference, false, ReadWrite, false),
        (user(), "emails.value", Kind::String, false, ReadWrite, false),
        (user(), "emails.primary", Kind::Boolean, false, ReadWrite, false),
        (user(), "photos.value", Kind::Reference, false, ReadWrite, false),
        (user(), "x509Certificates.value", Kind::Binary, true, ReadWrite, false),
        (user(), "addresses.primary", Kind::Boolean, false, ReadWrite, false),
        (user(), "groups", Kind::Complex, false, ReadOnly, false),
        (user(), "groups.value", Kind::String, false, ReadOnly, false),
        (user(), "manager.value", Kind::String, true, ReadWrite, false),
        (user(), "manager.displayName", Kind::String, false, ReadOnly, false),
        (user(), "meta.created", Kind::DateTime, false, ReadOnly, false),
        (group(), "displayName", Kind::String, false, ReadWrite, true),
        (group(), "members.value", Kind::String, false, Immutable, true),
        (group(), "members.type", Kind::String, false, Immutable, false),
        (group(), "members.display", Kind::String, false, ReadWrite, false),
    ] {
        let path: AttributePath = path.parse().unwrap();
        let leaf = resource_type.resolve(&path).unwrap().leaf();
        assert_eq!(
            (leaf.kind, leaf.case_exact, leaf.mutability, leaf.required),
            (kind, case_exact, mutability, required),
            "{path}"
        );
    }
    let password = user().core_attribute("password").unwrap();
    assert_eq!((password.returned, password.published), (Returned::Never, false));
    assert_eq!(user().core_attribute("id").unwrap().returned, Returned::Always);
    assert_eq!(user().core_attribute("userName").unwrap().uniqueness, Uniqueness::Server);
    assert!(group().core_attribute("members").unwrap().lists_resources());
    assert!(!user().core_attribute("emails").unwrap().lists_resources());
}
