//! What is a PATCH, and what cannot be done.

use super::*;

/// §3.5.2; checklist 55, 56
#[test]
fn a_body_that_is_no_patch_is_refused() {
    let operation = json!({"op": "add", "path": "title", "value": "x"});
    for (body, scim_type) in [
        (json!([]), ScimType::InvalidSyntax),
        (json!({}), ScimType::InvalidSyntax),
        (json!({"Operations": [operation]}), ScimType::InvalidSyntax),
        (json!({"schemas": [], "Operations": [operation]}), ScimType::InvalidSyntax),
        (json!({"schemas": ["urn:x"], "Operations": [operation]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": []}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": {}}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": ["add"]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": [{"path": "title"}]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": [{"op": "move", "path": "title"}]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": [{"op": 1, "path": "title"}]}), ScimType::InvalidSyntax),
        (json!({"schemas": [PATCH_OP_URN], "Operations": [{"op": "add", "path": 1}]}), ScimType::InvalidPath),
        (
            json!({"schemas": [PATCH_OP_URN], "Operations": [{"op": "add", "path": "a b", "value": 1}]}),
            ScimType::InvalidPath,
        ),
    ] {
        let error = PatchRequest::read(&body).expect_err(&body.to_string());
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{body}");
    }
    let anything_goes = json!({"SCHEMAS": ["URN:ietf:params:scim:api:messages:2.0:patchop"], "colour": "red",
        "operations": [{"OP": "aDD", "PATH": "title", "Value": "x", "name": "addTitle"}]});
    assert_eq!(PatchRequest::read(&anything_goes).unwrap().operations.len(), 1, "checklist 8, 21");
}

/// §3.5.2, grammar of `path`; checklist 56
#[test]
fn paths_are_read_and_printed() {
    for text in [
        "members",
        "name.familyName",
        r#"addresses[type eq "work"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName"#,
        r#"emails[type eq "a]b" and not (primary eq true)].value"#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ] {
        assert_eq!(text.parse::<PatchPath>().unwrap().to_string(), text);
    }
    let long = format!("emails[value eq \"{}\"]", "x".repeat(10_000));
    let deep = format!("emails[{}", "(".repeat(1_000));
    for (text, scim_type) in [
        ("a.b.c", ScimType::InvalidPath),
        ("emails[type eq \"work\"]value", ScimType::InvalidPath),
        ("emails[type eq \"work\"].", ScimType::InvalidPath),
        ("emails[type eq \"work\"].a.b", ScimType::InvalidPath),
        ("emails[type eq \"work\"][type pr]", ScimType::InvalidPath),
        ("emails.type[value pr]", ScimType::InvalidPath),
        ("[type pr]", ScimType::InvalidPath),
        ("emails]", ScimType::InvalidPath),
        (&long, ScimType::InvalidPath),
        ("emails[", ScimType::InvalidFilter),
        ("emails[]", ScimType::InvalidFilter),
        ("emails[type eq work]", ScimType::InvalidFilter),
        ("emails[type eq \"work\"", ScimType::InvalidFilter),
        (&deep, ScimType::InvalidFilter),
    ] {
        assert_eq!(text.parse::<PatchPath>().expect_err(text).scim_type, Some(scim_type), "{text:.40}");
    }
}

/// Checklist 56: the right word for each refusal
#[test]
fn operations_that_cannot_be_done_are_refused() {
    for (operation, scim_type, hint) in [
        (json!({"op": "add", "path": "shoeSize", "value": 1}), ScimType::InvalidPath, "shoeSize"),
        (json!({"op": "add", "path": "name.shoeSize", "value": 1}), ScimType::InvalidPath, "name.shoeSize"),
        (json!({"op": "add", "path": "emails[type eq \"a\"].shoeSize", "value": 1}), ScimType::InvalidPath, "shoeSize"),
        (json!({"op": "remove", "path": "urn:x:title"}), ScimType::InvalidPath, "urn:x:title"),
        (json!({"op": "remove", "path": schema::USER_URN}), ScimType::InvalidPath, "core:2.0:User"),
        (json!({"op": "add", "path": "manager[value eq \"a\"].value", "value": "b"}), ScimType::InvalidPath, "manager"),
        (json!({"op": "add", "path": "title[value eq \"a\"]", "value": "b"}), ScimType::InvalidPath, "title"),
        (
            json!({"op": "add", "path": "emails[primary gt true].value", "value": "b"}),
            ScimType::InvalidFilter,
            "primary",
        ),
        (json!({"op": "add", "path": "title"}), ScimType::InvalidValue, "title"),
        (json!({"op": "replace", "path": "emails[type eq \"a\"].value"}), ScimType::InvalidValue, "emails"),
        (json!({"op": "replace"}), ScimType::InvalidValue, "value"),
        (json!({"op": "add", "value": "x"}), ScimType::InvalidValue, "object"),
        (json!({"op": "add", "value": ["x"]}), ScimType::InvalidValue, "object"),
        (json!({"op": "add", "path": "title", "value": {"a": 1}}), ScimType::InvalidValue, "title"),
        (json!({"op": "replace", "path": "active", "value": "maybe"}), ScimType::InvalidValue, "active"),
        (json!({"op": "replace", "path": "active", "value": ""}), ScimType::InvalidValue, "active"),
        (json!({"op": "replace", "path": "emails", "value": 5}), ScimType::InvalidValue, "emails"),
        (json!({"op": "add", "path": "emails[type eq \"a\"]", "value": [{}, {}]}), ScimType::InvalidValue, "emails"),
        (json!({"op": "add", "value": {ENTERPRISE: "x"}}), ScimType::InvalidValue, "enterprise"),
        (json!({"op": "remove"}), ScimType::NoTarget, "path"),
        (json!({"op": "remove", "value": {"title": "x"}}), ScimType::NoTarget, "path"),
    ] {
        check_refused(work_and_home(), json!([operation]), scim_type, hint);
    }
}
