//! PATCH of one user (RFC 7644 §3.5.2): its attributes before, the operations, the expected attributes afterwards.
//! `$name` and `$id` are those of the user, `$other` is the name of another user, `$new` an unused name.

use crate::check::service::Feature;
use crate::check::test::{Run, Test, rfc};

const DIFFERS: &str = "Entra's update is accepted but stored incorrectly, and repeated in each cycle.";
const REFUSED: &str = "An invalid request is accepted and changes the user.";

const TWO_MAILS: &str = r#"{"emails": [{"type": "work", "value": "w@x.example", "primary": true}, {"type": "home", "value": "h@x.example"}]}"#;
const ANA: &str = r#"{"displayName": "Ana", "title": "Clerk", "name": {"givenName": "Ana", "familyName": "Ruiz"}}"#;

const fn patch_test(
    requirement: &'static str,
    name: &'static str,
    title: &'static str,
    before: &'static str,
    operations: &'static str,
    after: &'static str,
) -> Test {
    rfc(requirement, name, title, Run::Patch { before, operations, after }).meaning(DIFFERS).requires(&[Feature::Patch])
}

const fn refusal_test(
    requirement: &'static str,
    name: &'static str,
    title: &'static str,
    before: &'static str,
    operations: &'static str,
) -> Test {
    rfc(requirement, name, title, Run::RefusedPatch { before, operations }).meaning(REFUSED).requires(&[Feature::Patch])
}

const ADD: &str = "RFC 7644 §3.5.2.1";
const REMOVE: &str = "RFC 7644 §3.5.2.2";
const REPLACE: &str = "RFC 7644 §3.5.2.3";
const ALL: &str = "RFC 7644 §3.5.2";

pub const TESTS: &[Test] = &[
    patch_test(ADD, "patch.add_without_path", "add without a path merges an object", TWO_MAILS,
        r#"[{"op": "add", "value": {"title": "Head", "emails": [{"type": "other", "value": "o@x.example"}]}}]"#,
        r#"{"title": "Head", "emails": [{"value": "w@x.example"}, {"value": "h@x.example"}, {"value": "o@x.example"}]}"#),
    patch_test(ADD, "patch.add_value", "add to a multi-valued attribute appends", TWO_MAILS,
        r#"[{"op": "add", "path": "emails", "value": [{"type": "other", "value": "o@x.example"}]}]"#,
        r#"{"emails": [{"value": "w@x.example"}, {"value": "h@x.example"}, {"value": "o@x.example"}]}"#),
    patch_test(ADD, "patch.add_same_value", "add of an existing value changes nothing", TWO_MAILS,
        r#"[{"op": "add", "path": "emails", "value": [{"type": "home", "value": "h@x.example"}]}]"#,
        r#"{"emails": [{"value": "w@x.example", "type": "work"}, {"value": "h@x.example", "type": "home"}]}"#),
    patch_test(ADD, "patch.add_replaces_single", "add to a single-valued attribute replaces it", ANA,
        r#"[{"op": "add", "path": "title", "value": "Head"}]"#,
        r#"{"title": "Head", "displayName": "Ana"}"#),
    patch_test(ADD, "patch.add_merges_complex", "add to a complex attribute merges its sub-attributes", ANA,
        r#"[{"op": "add", "path": "name", "value": {"familyName": "Lopez", "middleName": "M."}}]"#,
        r#"{"name": {"givenName": "Ana", "familyName": "Lopez", "middleName": "M."}}"#),
    patch_test(ADD, "patch.add_sub_attribute", "add can name a sub-attribute", ANA,
        r#"[{"op": "add", "path": "name.honorificPrefix", "value": "Dr."}]"#,
        r#"{"name": {"givenName": "Ana", "familyName": "Ruiz", "honorificPrefix": "Dr."}}"#),
    patch_test(REPLACE, "patch.replace_without_path", "replace without a path keeps other attributes", ANA,
        r#"[{"op": "replace", "value": {"title": "Head", "name": {"familyName": "Lopez"}}}]"#,
        r#"{"title": "Head", "displayName": "Ana", "name": {"givenName": "Ana", "familyName": "Lopez"}}"#),
    patch_test(REPLACE, "patch.replace_single", "replace sets a single-valued attribute", ANA,
        r#"[{"op": "replace", "path": "displayName", "value": "Ana R."}]"#,
        r#"{"displayName": "Ana R.", "title": "Clerk"}"#),
    patch_test(REPLACE, "patch.replace_list", "replace of a multi-valued attribute replaces all values", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails", "value": [{"type": "work", "value": "n@x.example"}]}]"#,
        r#"{"emails": [{"type": "work", "value": "n@x.example"}]}"#),
    patch_test(REPLACE, "patch.replace_list_by_nothing", "replace with [] removes all values", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails", "value": []}]"#,
        r#"{"emails": null}"#),
    patch_test(REPLACE, "patch.replace_what_is_not_there", "replace of an attribute without a value adds it", "{}",
        r#"[{"op": "replace", "path": "title", "value": "Head"}, {"op": "replace", "path": "name.familyName", "value": "Ruiz"}]"#,
        r#"{"title": "Head", "name": {"familyName": "Ruiz"}}"#),
    patch_test(REPLACE, "patch.replace_complex", "replace of a complex attribute keeps other sub-attributes", ANA,
        r#"[{"op": "replace", "path": "name", "value": {"familyName": "Lopez"}}]"#,
        r#"{"name": {"givenName": "Ana", "familyName": "Lopez"}}"#),
    patch_test(REPLACE, "patch.replace_matching_value", "replace with a filter replaces the matching value", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"type": "work", "value": "n@x.example"}}]"#,
        r#"{"emails": [{"type": "work", "value": "n@x.example"}, {"type": "home", "value": "h@x.example"}]}"#),
    patch_test(REPLACE, "patch.replace_in_matching_value", "replace sets a sub-attribute of the matching value", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "n@x.example"}]"#,
        r#"{"emails": [{"type": "work", "value": "w@x.example"}, {"type": "home", "value": "n@x.example"}]}"#),
    refusal_test(REPLACE, "patch.replace_without_match", "replace with a filter that matches nothing is refused", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails[value eq \"nobody@x.example\"].type", "value": "other"}]"#),
    refusal_test(REMOVE, "patch.remove_without_path", "remove without a path is refused", ANA, r#"[{"op": "remove"}]"#),
    patch_test(REMOVE, "patch.remove_single", "remove removes a value", ANA,
        r#"[{"op": "remove", "path": "title"}]"#,
        r#"{"title": null, "displayName": "Ana"}"#),
    patch_test(REMOVE, "patch.remove_sub_attribute", "remove of a sub-attribute keeps the others", ANA,
        r#"[{"op": "remove", "path": "name.givenName"}]"#,
        r#"{"name": {"givenName": null, "familyName": "Ruiz"}}"#),
    patch_test(REMOVE, "patch.remove_list", "remove of a multi-valued attribute removes all values", TWO_MAILS,
        r#"[{"op": "remove", "path": "emails"}]"#,
        r#"{"emails": null}"#),
    patch_test(REMOVE, "patch.remove_matching_value", "remove with a filter removes the matching value", TWO_MAILS,
        r#"[{"op": "remove", "path": "emails[type eq \"work\"]"}]"#,
        r#"{"emails": [{"type": "home", "value": "h@x.example"}]}"#),
    patch_test(REMOVE, "patch.remove_last_value", "Removing the last value removes the attribute", r#"{"emails": [{"type": "work", "value": "w@x.example"}]}"#,
        r#"[{"op": "remove", "path": "emails[value eq \"w@x.example\"]"}]"#,
        r#"{"emails": null}"#),
    patch_test(REMOVE, "patch.remove_what_is_not_there", "remove of an attribute without a value succeeds", ANA,
        r#"[{"op": "remove", "path": "nickName"}]"#,
        r#"{"displayName": "Ana"}"#),
    refusal_test(REMOVE, "patch.remove_required", "remove of userName is refused", ANA, r#"[{"op": "remove", "path": "userName"}]"#),
    refusal_test(ALL, "patch.read_only", "A write of id is refused", ANA, r#"[{"op": "replace", "path": "id", "value": "another"}]"#),
    refusal_test(ALL, "patch.atomic", "If one operation is refused, none is applied", ANA,
        r#"[{"op": "replace", "path": "title", "value": "Head"}, {"op": "replace", "path": "id", "value": "another"}]"#),
    refusal_test(ALL, "patch.unknown_operation", "An unknown operation is refused", ANA,
        r#"[{"op": "upsert", "path": "title", "value": "Head"}]"#),
    refusal_test(ALL, "patch.no_operations", "A PATCH without operations is refused", ANA, "[]"),
    refusal_test(ALL, "patch.malformed_path", "An invalid path is refused", ANA,
        r#"[{"op": "replace", "path": "emails[type eq", "value": "x"}]"#),
    refusal_test(ADD, "patch.add_without_value", "add without a value is refused", ANA, r#"[{"op": "add", "path": "title"}]"#),
    patch_test(ALL, "patch.in_order", "Operations are applied in order", ANA,
        r#"[{"op": "replace", "path": "title", "value": "1"}, {"op": "remove", "path": "title"}, {"op": "add", "path": "title", "value": "3"}]"#,
        r#"{"title": "3"}"#),
    patch_test(ALL, "patch.one_primary", "A new primary value replaces the old one", TWO_MAILS,
        r#"[{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]"#,
        r#"{"emails": [{"type": "work", "primary": false}, {"type": "home", "primary": true}]}"#),
    patch_test("RFC 7644 §3.10", "patch.path_in_any_case", "Paths are case-insensitive", ANA,
        r#"[{"op": "replace", "path": "DISPLAYNAME", "value": "A"}, {"op": "replace", "path": "Name.FamilyName", "value": "B"}]"#,
        r#"{"displayName": "A", "name": {"familyName": "B", "givenName": "Ana"}}"#),
    patch_test("RFC 7644 §3.10", "patch.path_with_urn", "Paths can contain the schema URN", ANA,
        r#"[{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "value": "Lopez"}]"#,
        r#"{"name": {"familyName": "Lopez", "givenName": "Ana"}}"#),
    patch_test(ALL, "patch.extension", "An attribute of an extension is added, replaced and removed by its URN", "{}",
        r#"[{"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Sales"},
            {"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Ops"},
            {"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", "value": "South"},
            {"op": "remove", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"}]"#,
        r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Ops", "division": null}}"#)
        .requires(&[Feature::Patch, Feature::Enterprise]),
    patch_test(REPLACE, "patch.rename", "userName can be changed", "{}",
        r#"[{"op": "replace", "path": "userName", "value": "$new"}]"#,
        r#"{"userName": "$new", "id": "$id"}"#),
];
