//! What nobody thought of.

use super::*;
use crate::scim::dice::Dice;

/// Values of every kind, in and out of place.
const VALUES: &[&str] = &[
    "null",
    "true",
    "\"False\"",
    "\"\"",
    "\"x\"",
    "5",
    "-1.5",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[\"a\",\"b\"]",
    "{\"value\":\"a\"}",
    "{\"value\":null,\"$ref\":\"r\"}",
    "{\"type\":\"work\",\"primary\":true}",
    "[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\",\"type\":\"work\"}]",
    "[{\"VALUE\":\"A\"},{\"value\":\"a\"},{}]",
    "{\"emails\":[{\"value\":\"n\",\"primary\":\"true\"}],\"name.givenName\":\"x\",\"title\":\"\",\"id\":null}",
    "{\"members\":[\"a\",{\"value\":\"b\",\"type\":\"User\"}],\"displayName\":\"New\",\"manager\":\"m\"}",
    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"manager.value\":\"m\",\"department\":\"d\"}}",
];
const PATHS: &[&str] = &[
    "userName",
    "displayName",
    "title",
    "active",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.primary",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[value pr].primary",
    "emails[not (type pr)].type",
    "phoneNumbers[type eq \"fax\" and primary eq true].value",
    "addresses[type eq \"home\"].country",
    "roles",
    "members",
    "members[value eq \"a\"]",
    "members[type eq \"User\"]",
    "members[value eq \"a\"].display",
    "members.type",
    "members.$ref",
    "manager",
    "manager.value",
    "manager.$ref",
    "department",
    "password",
    "id",
    "groups",
    "shoeSize",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
];

/// Whatever is sent, an answer comes back, and what is stored is canonical: reading it again changes nothing.
#[test]
fn any_patch_leaves_a_canonical_document_or_is_refused() {
    let mut dice = Dice(0x0dd_ba11);
    let (mut done, mut refused) = (0, 0);
    for round in 0..4_000 {
        let (resource_type, before) = if round % 2 == 0 {
            (schema::user(), json!({"active": false, "emails": work_and_home()["emails"], "name": {"givenName": "A"}}))
        } else {
            (schema::group(), json!({"members": [{"value": "a", "type": "User"}, {"value": "c", "display": "C"}]}))
        };
        let operation = |dice: &mut Dice| {
            let mut operation = json!({"op": dice.pick(&["add", "Replace", "remove"])});
            if dice.roll(6) > 0 {
                operation["path"] = json!(dice.pick(PATHS));
            }
            if dice.roll(6) > 0 {
                operation["value"] = serde_json::from_str(dice.pick(VALUES)).unwrap();
            }
            operation
        };
        let operations: Vec<Value> = (0..=dice.roll(2)).map(|_| operation(&mut dice)).collect();
        let options = Options { replace_without_match_creates: dice.roll(2) == 0 };
        match patched(resource_type, &before, &json!(operations), options) {
            Ok(outcome) => {
                done += 1;
                let mut again = outcome.document.clone().into_value();
                again["schemas"] = json!(["x"]);
                let again =
                    Document::read(resource_type, &again).unwrap_or_else(|error| panic!("{error}: {operations:?}"));
                assert_eq!(again.document, outcome.document, "{operations:?}");
            }
            Err(error) => {
                refused += 1;
                assert!(error.status == 400 && error.scim_type.is_some() && !error.detail.is_empty());
            }
        }
    }
    assert!(done > 400 && refused > 400, "{done} done, {refused} refused");
}
