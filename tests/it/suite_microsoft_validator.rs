//! The tests of Microsoft's SCIM Validator (checklist 110, 111), including the preview tests, from its documented list, with
//! requests and values of our own. Values are read with the same value and type as sent. PATCH tests run in both dialects.

use serde_json::{Value, json};

use crate::support::{Dialect, ENTERPRISE, GROUP, TestApp, UNKNOWN_ID, USER, at, group, user};

/// A userName like those of the validator: 34 to 43 characters.
const USER_NAME: &str = "Rollcall.Validator@example-of-a-domain.test";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// Attributes that are changed one by one, each with its new value.
const ATTRIBUTES: [(&str, &str); 36] = [
    ("externalId", "8aa1a0c0-1b1c-4f0c-8a5c-2f4e1a6a9d10"),
    ("displayName", "LKHRLKFKPAWK"),
    ("nickName", "YNSBGDCYQVLU"),
    ("profileUrl", "QXEKCKJWPRRD"),
    ("title", "MNULDLYTKEUJ"),
    ("userType", "IBTRNHMDVUDA"),
    ("preferredLanguage", "dsb"),
    ("locale", "PCTHXCOSHRMU"),
    ("timezone", "Africa/Bujumbura"),
    ("name.formatted", "Kellie"),
    ("name.familyName", "Marta"),
    ("name.givenName", "Gwendolyn"),
    ("name.middleName", "Jarret"),
    ("name.honorificPrefix", "Demond"),
    ("name.honorificSuffix", "Alexys"),
    ("emails[type eq \"work\"].value", "Garland_Tromp@Example.test"),
    ("phoneNumbers[type eq \"work\"].value", "42-384-3361"),
    ("phoneNumbers[type eq \"mobile\"].value", "42-384-3362"),
    ("phoneNumbers[type eq \"fax\"].value", "42-384-3363"),
    ("phoneNumbers[type eq \"home\"].value", "42-384-3364"),
    ("phoneNumbers[type eq \"other\"].value", "42-384-3365"),
    ("phoneNumbers[type eq \"pager\"].value", "42-384-3366"),
    ("addresses[type eq \"work\"].formatted", "NAEQSKPGVGNC"),
    ("addresses[type eq \"work\"].streetAddress", "1882 Emerson Crest"),
    ("addresses[type eq \"work\"].locality", "KRNEVOHTWKJL"),
    ("addresses[type eq \"work\"].region", "SAFYQLQVRQTI"),
    ("addresses[type eq \"work\"].postalCode", "om3 2ks"),
    ("addresses[type eq \"work\"].country", "Honduras"),
    ("roles[primary eq \"True\"].display", "FWCMUFLYOPYZ"),
    ("roles[primary eq \"True\"].type", "ZUYCEPVIJTXO"),
    ("roles[primary eq \"True\"].value", "VRXUNZTBLDXY"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "0042"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "KWGAQVRJLNIJ"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "XFJHBAWCMQTO"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization", "SRVTJLLYRQPS"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", "KHYBYAKMVXUW"),
];

/// A tenant prepared for the validator (checklist 111).
async fn tenant() -> TestApp {
    let app = TestApp::new().await;
    app.settings(|settings| settings.user_name_limit = 0).await;
    app
}

/// A user like the validator's, with all attributes and booleans as strings where the validator does so.
fn full_user() -> Value {
    let number = |kind: &str| json!({"type": kind, "value": format!("1-{kind}")});
    let numbers = ["work", "mobile", "fax", "home", "other", "pager"].map(number);
    json!({
        "schemas": [USER, ENTERPRISE], "userName": USER_NAME, "externalId": "before", "active": true,
        "displayName": "before", "nickName": "before", "profileUrl": "before", "title": "before", "userType": "before",
        "preferredLanguage": "before", "locale": "before", "timezone": "before",
        "name": {"formatted": "before", "familyName": "before", "givenName": "before", "middleName": "before",
            "honorificPrefix": "before", "honorificSuffix": "before"},
        "emails": [{"type": "work", "value": "before@example.test", "primary": true}],
        "phoneNumbers": numbers,
        "addresses": [{"type": "work", "formatted": "before", "streetAddress": "before", "locality": "before",
            "region": "before", "postalCode": "before", "country": "before"}],
        "roles": [{"display": "before", "type": "before", "value": "before", "primary": "True"}],
        ENTERPRISE: {"employeeNumber": "before", "department": "before", "costCenter": "before",
            "organization": "before", "division": "before"},
    })
}

fn changes() -> Vec<(&'static str, Value)> {
    ATTRIBUTES.map(|(path, value)| (path, json!(value))).into()
}

#[track_caller]
fn check(user: &Value, dialect: Dialect) {
    for (path, value) in ATTRIBUTES {
        assert_eq!(at(user, path), value, "{path} ({dialect:?})");
    }
}

async fn found(app: &TestApp, path: &str) -> Value {
    let answer = app.entra().get(&format!("/v2/scim{path}")).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/scim+json"), "else the validator stops");
    answer.json()
}

#[tokio::test]
async fn create_a_new_user() {
    let app = tenant().await;
    let created = app.entra().post("/v2/scim/Users", &full_user()).await.expect(201).json();
    let read = app.entra().user(created["id"].as_str().unwrap()).await;
    assert_eq!(read, created);
    for (name, sent) in full_user().as_object().unwrap() {
        let sent = if name == "roles" {
            json!([{"value": "before", "display": "before", "type": "before", "primary": true}])
        } else {
            sent.clone()
        };
        assert_eq!(read[name], sent, "{name}");
    }
}

#[tokio::test]
async fn generated_user_names_need_the_limit_to_be_off() {
    let app = TestApp::new().await;
    let detail = app.entra().post("/v2/scim/Users", &user(USER_NAME)).await.expect_error(400, Some("invalidValue"));
    assert!(detail.contains("30 characters"), "{detail}");
    for limit in [0, 43] {
        app.settings(move |settings| settings.user_name_limit = limit).await;
        let id = app.entra().create_user(USER_NAME).await;
        app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect(204);
    }
}

#[tokio::test]
async fn create_a_duplicate_user() {
    let app = tenant().await;
    app.entra().create(&full_user()).await;
    app.entra().post("/v2/scim/Users", &full_user()).await.expect_error(409, Some("uniqueness"));
}

#[tokio::test]
async fn filter_for_an_existing_user() {
    let app = tenant().await;
    let id = app.entra().create(&full_user()).await;
    let list = found(&app, &format!("/Users?filter=userName eq \"{USER_NAME}\"")).await;
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(1), &json!([app.entra().user(&id).await])));
}

#[tokio::test]
async fn filter_for_an_existing_user_with_different_case() {
    let app = tenant().await;
    let id = app.entra().create(&full_user()).await;
    for name in [USER_NAME.to_uppercase(), USER_NAME.to_lowercase()] {
        let list = found(&app, &format!("/Users?filter=userName eq \"{name}\"")).await;
        assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &json!(id)));
        assert_eq!(list["Resources"][0]["userName"], USER_NAME);
    }
}

#[tokio::test]
async fn filter_for_a_non_existing_user() {
    let app = tenant().await;
    let list = found(&app, "/Users?filter=userName eq \"a3f1c0de-5b52-4a0e-9f6b-0d8f4b3b7c11\"").await;
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn patch_user_replace_attributes() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create(&full_user()).await;
        let operations = dialect.several("replace", &changes());
        let answered = dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200).json();
        check(&answered, dialect);
        check(&app.entra().user(&id).await, dialect);
    }
}

#[tokio::test]
async fn patch_user_replace_attributes_verbose_request() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create(&full_user()).await;
        for (path, value) in changes() {
            let operation = json!([dialect.operation("replace", path, &value)]);
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &operation).await.expect(200);
            assert_eq!(at(&app.entra().user(&id).await, path), value, "{path} ({dialect:?})");
        }
        check(&app.entra().user(&id).await, dialect);
    }
}

#[tokio::test]
async fn patch_user_add_attributes() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create_user(USER_NAME).await;
        let operations = dialect.several("add", &changes());
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        let read = app.entra().user(&id).await;
        check(&read, dialect);
        for (list, values) in [("phoneNumbers", 6), ("addresses", 1), ("roles", 1), ("emails", 1)] {
            assert_eq!(read[list].as_array().unwrap().len(), values, "{list} ({dialect:?})");
        }
    }
}

#[tokio::test]
async fn patch_user_add_attributes_verbose_request() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create_user(USER_NAME).await;
        for (path, value) in changes() {
            let operation = json!([dialect.operation("add", path, &value)]);
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &operation).await.expect(200);
        }
        check(&app.entra().user(&id).await, dialect);
    }
}

#[tokio::test]
async fn update_user_user_name() {
    let renamed = "Somebody.Else@example-of-a-domain.test";
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create(&full_user()).await;
        let operations = dialect.several("replace", &[("userName", json!(renamed))]);
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        assert_eq!(app.entra().user(&id).await["userName"], renamed);
        assert_eq!(app.entra().found(&format!("userName eq \"{renamed}\"")).await, [renamed]);
        assert!(app.entra().found(&format!("userName eq \"{USER_NAME}\"")).await.is_empty());
    }
}

#[tokio::test]
async fn patch_user_disable_user() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create(&full_user()).await;
        let operations = json!([dialect.operation("replace", "active", &json!(false))]);
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        assert_eq!(app.entra().user(&id).await["active"], false);
        let list = found(&app, &format!("/Users?filter=userName eq \"{USER_NAME}\"")).await;
        assert_eq!(list["Resources"][0]["active"], false, "disabled is not gone");
    }
}

#[tokio::test]
async fn patch_user_add_manager() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create_user(USER_NAME).await;
        let operations = json!([dialect.operation("add", MANAGER, &json!(UNKNOWN_ID))]);
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        let read = app.entra().user(&id).await;
        assert_eq!(read[ENTERPRISE], json!({"manager": {"value": UNKNOWN_ID}}));
        assert_eq!(read["schemas"], json!([USER, ENTERPRISE]));
    }
}

#[tokio::test]
async fn patch_user_replace_manager() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let manager = app.entra().create_user("manager").await;
        let mut sent = full_user();
        sent[ENTERPRISE]["manager"] = json!(UNKNOWN_ID);
        let id = app.entra().create(&sent).await;
        assert_eq!(app.entra().user(&id).await[ENTERPRISE]["manager"], json!({"value": UNKNOWN_ID}));
        for value in [json!(manager), json!({"value": manager, "$ref": format!("../Users/{manager}")})] {
            let operations = json!([dialect.operation("replace", MANAGER, &value)]);
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
            assert_eq!(app.entra().user(&id).await[ENTERPRISE]["manager"]["value"], manager);
        }
    }
}

#[tokio::test]
async fn patch_user_remove_manager() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create_user(USER_NAME).await;
        let set = json!([dialect.operation("add", MANAGER, &json!(UNKNOWN_ID))]);
        let empty = json!([dialect.operation("replace", MANAGER, &json!(""))]);
        let mut removal = dialect.operation("remove", MANAGER, &Value::Null);
        removal.as_object_mut().unwrap().shift_remove("value");
        for clear in [empty, json!([removal])] {
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &set).await.expect(200);
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &clear).await.expect(200);
            let read = app.entra().user(&id).await;
            assert_eq!((read.get(ENTERPRISE), &read["schemas"]), (None, &json!([USER])));
        }
    }
}

#[tokio::test]
async fn delete_a_user() {
    let app = tenant().await;
    let id = app.entra().create(&full_user()).await;
    let answer = app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect(204);
    assert!(answer.body.is_empty());
    app.entra().get(&format!("/v2/scim/Users/{id}")).await.expect_error(404, None);
    assert_eq!(found(&app, &format!("/Users?filter=userName eq \"{USER_NAME}\"")).await["totalResults"], 0);
}

/// A group with a member, like the validator's.
async fn group_with_member(app: &TestApp) -> (String, String) {
    let member = app.entra().create_user("member").await;
    let mut sent = group("QFEYKVPRYUMX");
    sent["externalId"] = json!("before");
    sent["members"] = json!([{"value": member}]);
    let id = app.entra().post("/v2/scim/Groups", &sent).await.created_id();
    (id, member)
}

#[tokio::test]
async fn create_a_new_group() {
    let app = tenant().await;
    let (id, member) = group_with_member(&app).await;
    let read = app.entra().group(&id).await;
    assert_eq!((&read["displayName"], &read["externalId"]), (&json!("QFEYKVPRYUMX"), &json!("before")));
    assert_eq!((&read["schemas"], &read["members"][0]["value"]), (&json!([GROUP]), &json!(member)));
}

#[tokio::test]
async fn create_a_duplicate_group() {
    let app = tenant().await;
    group_with_member(&app).await;
    app.entra().post("/v2/scim/Groups", &group("QFEYKVPRYUMX")).await.expect_error(409, Some("uniqueness"));
}

#[tokio::test]
async fn get_group_by_id_excluding_members() {
    let app = tenant().await;
    let (id, _) = group_with_member(&app).await;
    let read = found(&app, &format!("/Groups/{id}?excludedAttributes=members")).await;
    assert_eq!((&read["displayName"], read.get("members")), (&json!("QFEYKVPRYUMX"), None));
}

#[tokio::test]
async fn filter_for_an_existing_group() {
    let app = tenant().await;
    let (id, member) = group_with_member(&app).await;
    let list = found(&app, "/Groups?filter=displayName eq \"QFEYKVPRYUMX\"").await;
    assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(list["Resources"][0]["members"][0]["value"], member);
}

#[tokio::test]
async fn filter_for_an_existing_group_excluding_members() {
    let app = tenant().await;
    let (id, _) = group_with_member(&app).await;
    let list = found(&app, "/Groups?excludedAttributes=members&filter=displayName eq \"QFEYKVPRYUMX\"").await;
    assert_eq!((&list["Resources"][0]["id"], list["Resources"][0].get("members")), (&json!(id), None));
}

#[tokio::test]
async fn filter_for_an_existing_group_with_different_case() {
    let app = tenant().await;
    let (id, _) = group_with_member(&app).await;
    let list = found(&app, "/Groups?excludedAttributes=members&filter=DISPLAYNAME eq \"qfeykvpryumx\"").await;
    assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &json!(id)));
}

#[tokio::test]
async fn filter_for_a_non_existing_group() {
    let app = tenant().await;
    let list = found(&app, "/Groups?excludedAttributes=members&filter=displayName eq \"nobody\"").await;
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn patch_group_replace_attributes() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let (id, member) = group_with_member(&app).await;
        let changes = [("displayName", json!("VRHPJLQNWMEG")), ("externalId", json!("after"))];
        let operations = dialect.several("replace", &changes);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        let read = app.entra().group(&id).await;
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("VRHPJLQNWMEG"), &json!("after")));
        assert_eq!(read["members"][0]["value"], member);
    }
}

#[tokio::test]
async fn update_group_display_name() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let (id, _) = group_with_member(&app).await;
        let operations = json!([dialect.operation("replace", "displayName", &json!("VRHPJLQNWMEG"))]);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        let list = found(&app, "/Groups?excludedAttributes=members&filter=displayName eq \"VRHPJLQNWMEG\"").await;
        assert_eq!(list["Resources"][0]["id"], id);
    }
}

#[tokio::test]
async fn patch_group_add_member() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let (id, first) = group_with_member(&app).await;
        let second = app.entra().create_user("second").await;
        let operations = json!([dialect.operation("add", "members", &json!([{"$ref": null, "value": second}]))]);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        let mut expected = [first, second];
        expected.sort();
        let read = app.entra().group(&id).await;
        let values: Vec<_> = read["members"].as_array().unwrap().iter().map(|member| &member["value"]).collect();
        assert_eq!(json!(values), json!(expected));
    }
}

#[tokio::test]
async fn patch_group_remove_member() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let (id, first) = group_with_member(&app).await;
        let second = app.entra().create_user("second").await;
        let operations = json!([dialect.operation("add", "members", &json!([{"value": second}]))]);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &dialect.without_member(&first)).await.expect(204);
        let read = app.entra().group(&id).await;
        assert_eq!(read["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(read["members"][0]["value"], second);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &dialect.without_member(&second)).await.expect(204);
        assert_eq!(app.entra().group(&id).await.get("members"), None);
    }
}

#[tokio::test]
async fn delete_a_group() {
    let app = tenant().await;
    let (id, member) = group_with_member(&app).await;
    app.entra().delete(&format!("/v2/scim/Groups/{id}")).await.expect(204);
    app.entra().get(&format!("/v2/scim/Groups/{id}")).await.expect_error(404, None);
    assert_eq!(app.entra().user(&member).await.get("groups"), None);
}

#[tokio::test]
async fn patch_user_multiple_ops_on_different_attributes() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let mut sent = full_user();
        sent.as_object_mut().unwrap().shift_remove("title");
        let id = app.entra().create(&sent).await;
        let mut removal = dialect.operation("remove", "nickName", &Value::Null);
        removal.as_object_mut().unwrap().shift_remove("value");
        let operations = json!([
            dialect.operation("replace", "displayName", &json!("after")),
            dialect.operation("add", "title", &json!("CEO")),
            removal,
            dialect.operation("replace", "emails[type eq \"work\"].value", &json!("after@example.test")),
        ]);
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        let read = app.entra().user(&id).await;
        assert_eq!((&read["displayName"], &read["title"]), (&json!("after"), &json!("CEO")));
        assert_eq!((read.get("nickName"), &read["emails"][0]["value"]), (None, &json!("after@example.test")));
        assert_eq!(read["userType"], "before");
    }
}

/// The last one wins.
#[tokio::test]
async fn patch_user_multiple_ops_on_same_attribute() {
    for dialect in Dialect::BOTH {
        let app = tenant().await;
        let id = app.entra().create(&full_user()).await;
        let mut removal = dialect.operation("remove", "displayName", &Value::Null);
        removal.as_object_mut().unwrap().shift_remove("value");
        let operations = json!([
            removal,
            dialect.operation("add", "displayName", &json!("first")),
            dialect.operation("replace", "displayName", &json!("last")),
        ]);
        dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
        assert_eq!(app.entra().user(&id).await["displayName"], "last");
    }
}

#[tokio::test]
async fn http_delete_a_non_existent_user_or_group() {
    let app = tenant().await;
    for id in [UNKNOWN_ID, "5171a35d82074e068ce2"] {
        app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect_error(404, None);
        app.entra().delete(&format!("/v2/scim/Groups/{id}")).await.expect_error(404, None);
    }
}

#[tokio::test]
async fn http_delete_the_same_user_or_group_twice() {
    let app = tenant().await;
    let (group, member) = group_with_member(&app).await;
    for path in [format!("/v2/scim/Groups/{group}"), format!("/v2/scim/Users/{member}")] {
        app.entra().delete(&path).await.expect(204);
        app.entra().delete(&path).await.expect_error(404, None);
    }
}
