//! Custom attributes in the portal: the server functions and their errors.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, USER};

const ACME: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";

async fn create(admin: &Client, name: &str) -> crate::support::Answer {
    admin.form("/api/create-schema", &[("name", name), ("description", "What Acme adds.")]).await
}

/// Saves an attribute like the form.
async fn save(admin: &Client, was: &str, typed: &[(&str, &str)]) -> crate::support::Answer {
    let names: Vec<String> = typed.iter().map(|(name, _)| format!("attribute[{name}]")).collect();
    let mut fields = vec![("urn", ACME), ("was", was)];
    fields.extend(names.iter().map(String::as_str).zip(typed.iter().map(|(_, value)| *value)));
    admin.form("/api/save-attribute", &fields).await
}

/// The error message of a field.
#[track_caller]
fn field_message(answer: &crate::support::Answer, field: &str) -> String {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let fields = answer.json()["fields"].clone();
    let message = fields.as_array().unwrap().iter().find(|message| message[0] == field);
    message.unwrap_or_else(|| panic!("{field}: {fields}"))[1].as_str().unwrap().to_owned()
}

async fn schema(app: &TestApp) -> Value {
    app.entra().get(&format!("/v2/scim/Schemas/{ACME}")).await.expect(200).json()
}

#[tokio::test]
async fn an_administrator_defines_changes_and_deletes_custom_attributes() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    create(&admin, "acme").await.expect(200);
    save(&admin, "", &[("name", "badge"), ("type", "string"), ("required", "true"), ("uniqueness", "server")])
        .await
        .expect(200);
    save(&admin, "", &[("name", "floors"), ("type", "integer"), ("multiValued", "true"), ("returned", "request")])
        .await
        .expect(200);
    let attributes = schema(&app).await["attributes"].clone();
    assert_eq!((&attributes[0]["required"], &attributes[0]["uniqueness"]), (&json!(true), &json!("server")));
    assert_eq!((&attributes[1]["type"], &attributes[1]["multiValued"]), (&json!("integer"), &json!(true)));
    let page = admin.page(&format!("/settings/attributes/{ACME}")).await.expect(200).text();
    assert!(page.contains("badge") && page.contains("Unique") && page.contains("Whole number, several"), "{page}");
    let path = format!("{ACME}:badge");
    let edit = admin.page(&format!("/settings/attributes/{ACME}?attribute=badge")).await.expect(200).text();
    assert!(edit.contains(&format!("value=\"{path}\"")), "the path can be copied");

    let values = json!({"badge": "A1", "floors": [3]});
    let id = app.entra().create(&json!({"schemas": [USER, ACME], "userName": "ana", ACME: values})).await;
    let user = admin.page(&format!("/users/{id}")).await.expect(200).text();
    assert!(user.contains("A1") && user.contains(&path) && user.contains("acme"), "{user}");

    // Characteristics that the form does not have, and the name, stay unchanged.
    save(&admin, "badge", &[("name", "badge"), ("type", "string"), ("description", "On the door.")]).await.expect(200);
    let attributes = schema(&app).await["attributes"].clone();
    assert_eq!((&attributes[0]["required"], &attributes[0]["description"]), (&json!(false), &json!("On the door.")));
    let question = admin.page(&format!("/settings/attributes/{ACME}?delete=badge")).await.expect(200).text();
    assert!(question.contains("1 user has a value for it"), "{question}");
    admin.form("/api/delete-attribute", &[("urn", ACME), ("name", "badge")]).await.expect(200);
    assert_eq!(app.entra().found(&format!("{ACME}:badge pr")).await, [""; 0]);
    admin.form("/api/delete-schema", &[("urn", ACME)]).await.expect(200);
    app.entra().get(&format!("/v2/scim/Schemas/{ACME}")).await.expect_error(404, None);

    let message = app.journal().await.into_iter().filter_map(|entry| entry.detail);
    let message: Vec<_> = message.filter(|detail| detail.contains(" the schema ")).collect();
    let expected = [
        format!("Deleted the schema {ACME}. Users who lost values of it: 1."),
        format!("Changed the schema {ACME}; deleted badge. Users who lost values of it: 1."),
        format!("Changed the schema {ACME}; changed badge."),
        format!("Changed the schema {ACME}; added floors."),
        format!("Changed the schema {ACME}; added badge."),
        format!("Defined the schema {ACME}."),
    ];
    assert_eq!(message, expected);
}

#[tokio::test]
async fn errors_name_their_fields() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    assert!(field_message(&create(&admin, "enterprise").await, "name").contains("built-in"));
    assert!(field_message(&create(&admin, "two words").await, "name").contains("begins with a letter"));
    assert!(field_message(&create(&admin, "").await, "name").contains("begins with a letter"));
    create(&admin, "acme").await.expect(200);
    assert!(field_message(&create(&admin, "ACME").await, "name").contains("already"));
    save(&admin, "", &[("name", "badge")]).await.expect(200);
    for (was, typed, field, words) in [
        ("", &[("name", "userName")][..], "attribute[name]", "built-in"),
        ("", &[("name", "Badge")], "attribute[name]", "already"),
        ("", &[("name", "a b")], "attribute[name]", "letter"),
        ("badge", &[("name", "other")], "attribute[name]", "cannot be changed"),
        ("", &[("name", "x"), ("type", "boolean"), ("uniqueness", "server")], "attribute[uniqueness]", "only for"),
        ("", &[("name", "x"), ("mutability", "writeOnly")], "attribute[returned]", "never"),
        ("", &[("name", "x"), ("mutability", "readOnly"), ("required", "true")], "attribute[required]", "nobody"),
    ] {
        let message = field_message(&save(&admin, was, typed).await, field);
        assert!(message.contains(words), "{typed:?}: {message}");
    }
    for number in 0..2 {
        let values = json!({"schemas": [USER, ACME], "userName": format!("u{number}"), ACME: {"badge": "same"}});
        app.entra().create(&values).await;
    }
    let unique = save(&admin, "badge", &[("name", "badge"), ("uniqueness", "server")]).await;
    assert!(field_message(&unique, "attribute[uniqueness]").contains("1 value belongs to more than one user"));
    let other_type = save(&admin, "badge", &[("name", "badge"), ("type", "integer")]).await;
    assert!(field_message(&other_type, "attribute[type]").contains("2 users have a value"));
    let required = save(&admin, "", &[("name", "new"), ("required", "true")]).await;
    assert!(field_message(&required, "attribute[required]").contains("2 users have no value"));
    admin.form("/api/delete-schema", &[("urn", "urn:nothing")]).await.expect(404);
    admin.form("/api/delete-attribute", &[("urn", ACME), ("name", "nothing")]).await.expect(404);
    admin.page("/settings/attributes/urn:nothing").await.expect(404);
}

/// Another tenant's schemas are not visible.
#[tokio::test]
async fn schemas_of_another_tenant_do_not_exist_here() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    create(&admin, "acme").await.expect(200);
    let other = app.other_tenant().await;
    other.get(&format!("/v2/scim/Schemas/{ACME}")).await.expect_error(404, None);
    for path in ["/settings/attributes", &format!("/settings/attributes/{ACME}")] {
        assert_eq!(app.anon().page(path).await.status, 302, "{path}");
    }
    assert!(admin.page("/settings/attributes").await.expect(200).text().contains(ACME));
}
