//! The filter language, as the database answers it (RFC 7644 §3.4.2.2; checklist F).

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, TestApp, USER};

async fn company() -> TestApp {
    let app = TestApp::new().await;
    let user = |name: &str, more: Value| {
        let mut user = json!({"schemas": [USER], "userName": name});
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user
    };
    let people = [
        user(
            "Ana@x.org",
            json!({
                "externalId": "AbC", "displayName": "Ana Ruiz", "title": "Chief \"E\" \\ Officer", "name": {"givenName": "Ana", "familyName": "Ruiz"},
                "emails": [{"type": "work", "value": "Ana@x.org", "primary": true}, {"type": "home", "value": "ana@home.net"}],
                "phoneNumbers": [{"type": "work", "value": "5551234"}],
                ENTERPRISE: {"department": "Sales", "employeeNumber": "10", "manager": {"value": "M1"}}
            }),
        ),
        user(
            "ben@x.org",
            json!({
                "externalId": "abc", "displayName": "Ben 100%", "active": false, "name": {"familyName": "Öz"},
                "emails": [{"type": "home", "value": "ben@x.org"}, {"type": "work", "value": "ben@work.net"}],
                ENTERPRISE: {"department": "sales", "employeeNumber": "9"}
            }),
        ),
        user("cyd_x.org", json!({"locale": "de-CH"})),
    ];
    for person in people {
        app.entra().create(&person).await;
    }
    app
}

#[tokio::test]
async fn filters_match_as_the_rfc_says() {
    let app = company().await;
    let entra = app.entra();
    let check = async |filter: &str, expected: &[&str]| {
        assert_eq!(entra.found(filter).await, expected, "{filter}");
    };
    let (ana, ben, cyd) = ("Ana@x.org", "ben@x.org", "cyd_x.org");
    // userName and other texts ignore case, externalId and manager do not.
    check("userName eq \"ANA@X.ORG\"", &[ana]).await;
    check("USERNAME Eq \"ana@x.org\"", &[ana]).await;
    check("externalId eq \"abc\"", &[ben]).await;
    check("externalId eq \"ABC\"", &[]).await;
    check(&format!("{ENTERPRISE}:manager eq \"M1\""), &[ana]).await;
    check(&format!("{ENTERPRISE}:manager eq \"m1\""), &[]).await;
    check("manager.value eq \"M1\"", &[ana]).await;
    check("displayName eq \"ana ruiz\"", &[ana]).await;
    check("name.familyName eq \"öZ\"", &[ben]).await;
    // Operators.
    check("userName ne \"ana@x.org\"", &[ben, cyd]).await;
    check("userName co \"X.O\"", &[ana, ben, cyd]).await;
    check("userName sw \"b\"", &[ben]).await;
    check("userName ew \"_x.org\"", &[cyd]).await;
    check("userName co \"_\"", &[cyd]).await;
    check("displayName co \"%\"", &[ben]).await;
    check("displayName eq \"*\"", &[]).await;
    check("displayName pr", &[ana, ben]).await;
    check("not (displayName pr)", &[cyd]).await;
    check("name pr", &[ana, ben]).await;
    check("displayName ne \"Ana Ruiz\"", &[ben, cyd]).await;
    check("displayName eq null", &[cyd]).await;
    check("displayName ne null", &[ana, ben]).await;
    check("title eq \"chief \\\"e\\\" \\\\ officer\"", &[ana]).await;
    check("displayName eq \"\\u0041na Ruiz\"", &[ana]).await;
    check("employeeNumber gt \"10\"", &[ben]).await;
    check("employeeNumber le \"10\"", &[ana]).await;
    check("active eq false", &[ben]).await;
    check("active eq \"True\"", &[ana, cyd]).await;
    check("active ne true", &[ben]).await;
    // Precedence, grouping.
    check("userName sw \"a\" or userName sw \"b\" and active eq true", &[ana]).await;
    check("(userName sw \"a\" or userName sw \"b\") and active eq false", &[ben]).await;
    check("not (userName sw \"a\") and not (userName sw \"b\")", &[cyd]).await;
    // Many values.
    check("emails eq \"BEN@x.org\"", &[ben]).await;
    check("emails.value ew \"@x.org\"", &[ana, ben]).await;
    check("emails[type eq \"work\" and value ew \"@x.org\"]", &[ana]).await;
    check("emails.type eq \"work\" and emails.value ew \"@x.org\"", &[ana, ben]).await;
    check("emails[type eq \"WORK\"].value eq \"ana@x.org\"", &[ana]).await;
    check("emails[type eq \"home\"].value eq \"ana@x.org\"", &[]).await;
    check("phoneNumbers[type eq \"work\"].value eq \"5551234\"", &[ana]).await;
    check("emails[primary eq true]", &[ana]).await;
    check("phoneNumbers pr", &[ana]).await;
    check("not (emails[type eq \"work\"])", &[cyd]).await;
    // Names.
    check(&format!("{ENTERPRISE}:department eq \"SALES\""), &[ana, ben]).await;
    check("department eq \"Sales\"", &[ana, ben]).await;
    check(&format!("{USER}:userName eq \"ben@x.org\""), &[ben]).await;
    check(&format!("schemas eq \"{ENTERPRISE}\""), &[ana, ben]).await;
    check("meta.resourceType eq \"User\"", &[ana, ben, cyd]).await;
    check("meta.lastModified gt \"2026-11-22T23:50:00.0009+02:00\"", &[ana, ben, cyd]).await;
    check("meta.created ge \"2026-11-23T00:50:00+02:00\"", &[ana, ben, cyd]).await;
    check("meta.created gt \"2026-11-22T22:50:00Z\"", &[]).await;
    check("nonsense eq \"x\"", &[]).await;
    check("locale eq \"DE-ch\"", &[cyd]).await;
}

/// RFC 7644 §3.4.2.2, §3.12: 400 invalidFilter, with words an administrator understands.
#[tokio::test]
async fn invalid_filters_are_400() {
    let app = company().await;
    let deep = "(".repeat(5000) + "a pr";
    let long = vec!["userName eq \"x\""; 1500].join(" or ");
    for filter in [
        "userName",
        "userName eq",
        "userName eq x",
        "userName is \"x\"",
        "(userName pr",
        "userName pr)",
        "userName pr x",
        "emails[type eq \"x\"",
        "and",
        "userName eq \"x",
        "active gt true",
        "password eq \"x\"",
        "userName eq 'x'",
        "not userName pr",
        "x509Certificates.value gt \"x\"",
        "emails[type eq \"a\"].value",
        "not not not",
        "userName eq \"\\x\"",
        &deep,
        &long,
    ] {
        let filter = filter.replace('\\', "%5C");
        let answer = app.entra().get(&format!("/v2/scim/Users?filter={filter}")).await;
        answer.expect_error(400, Some("invalidFilter"));
    }
}
