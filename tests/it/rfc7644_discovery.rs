//! What the service says about itself (RFC 7644 §4; RFC 7643 §5–§7; checklist B).

use serde_json::json;

use crate::support::{BASE, ENTERPRISE, GROUP, LIST_RESPONSE, TestApp, USER};

/// RFC 7644 §4: may be read without a token; a bad token is refused all the same.
#[tokio::test]
async fn discovery_needs_no_token_but_refuses_invalid_ones() {
    let app = TestApp::new().await;
    for path in
        ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User", &format!("/Schemas/{USER}")]
    {
        let path = format!("/v2/scim{path}");
        let open = app.anon().get(&path).await.expect(200).json();
        assert_eq!(app.entra().get(&path).await.expect(200).json(), open);
        app.anon().bearer("wrong").get(&path).await.expect_error(401, None);
    }
}

#[tokio::test]
async fn the_configuration_states_what_the_server_does() {
    let app = TestApp::new().await;
    let config = app.anon().get("/v2/scim/ServiceProviderConfig").await.expect(200).json();
    let supported = |feature: &str| config[feature]["supported"].as_bool().unwrap();
    assert!(supported("patch") && supported("filter"));
    assert!(supported("sort") && supported("etag") && supported("bulk") && !supported("changePassword"));
    assert!(config["filter"]["maxResults"].as_u64().unwrap() > 0);
    assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 1_000, "maxPayloadSize": 1_048_576}));
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(config["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
    assert_eq!((&config["pagination"]["cursor"], &config["pagination"]["index"]), (&json!(true), &json!(true)));
    assert_eq!(config.get("securityEvents"), None);
}

#[tokio::test]
async fn types_and_schemas_are_listed_and_found_by_name() {
    let app = TestApp::new().await;
    let ids = async |path: &str| -> Vec<String> {
        let list = app
            .anon()
            .get(&format!("/v2/scim{path}?startIndex=9&count=1&attributes=x&excludedAttributes=id"))
            .await
            .expect(200)
            .json();
        assert_eq!(list["schemas"], json!([LIST_RESPONSE]));
        list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| resource["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("/ResourceTypes").await, ["User", "Group"]);
    let mut schemas = ids("/Schemas").await;
    schemas.sort();
    assert_eq!(schemas, [GROUP, USER, ENTERPRISE]);
    let user = app.anon().get("/v2/scim/ResourceTypes/User").await.expect(200).json();
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(user["schemaExtensions"], json!([{"schema": ENTERPRISE, "required": false}]));
    for schema in schemas {
        let schema = app.anon().get(&format!("/v2/scim/Schemas/{schema}")).await.expect(200).json();
        assert!(schema["attributes"].is_array());
    }
    for unknown in ["/Schemas/urn:x", "/ResourceTypes/Device", "/Schemas/urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    {
        app.anon().get(&format!("/v2/scim{unknown}")).await.expect_error(404, None);
    }
}

/// RFC 7644 §4: "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403".
#[tokio::test]
async fn discovery_cannot_be_filtered() {
    let app = TestApp::new().await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        app.anon().get(&format!("/v2/scim{path}?filter=id pr")).await.expect_error(403, None);
    }
}
