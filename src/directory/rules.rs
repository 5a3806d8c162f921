//! Rules for documents beyond their schema. Pure.

use std::collections::HashMap;

use serde_json::Value;

use crate::model::journal::{Action, ResourceKind};
use crate::model::tenant::Settings;
use crate::scim::document::{Document, Resource};
use crate::scim::error::ScimError;

/// A document as sent, completed and checked to be stored as a user, in place of `before`.
///
/// RFC 7643 §4.1.1 leaves `active` to the service: "the definitive meaning of this attribute is determined by the
/// service provider". Here every user has it. A new user without it is active; for a known one, what a PUT leaves out stays
/// as it was (RFC 7644 §3.5.1: the service "MAY assign a default value"): a client that does not know `active` must neither
/// give back nor take away what another did. A PATCH cannot take it away (`Attribute::always_assigned`).
pub(super) fn user(
    mut document: Document,
    before: Option<&Document>,
    settings: Settings,
) -> Result<Document, ScimError> {
    let is_active = before.is_none_or(Document::is_active);
    document.as_map_mut().entry("active").or_insert(Value::Bool(is_active));
    check_user_name_length(&document, before, settings.user_name_limit)?;
    check_name(&document, before, "userName")?;
    Ok(document)
}

/// A document as sent, completed and checked to be stored as a group, in place of `before`.
///
/// Members are a set, in the order of ids. One that is in `before` stays as it was: its sub-attributes are immutable
/// (RFC 7643 §4.2).
pub(super) fn group(mut document: Document, before: Option<&Document>) -> Result<Document, ScimError> {
    check_name(&document, before, "displayName")?;
    if let Some(Value::Array(members)) = document.as_map_mut().get_mut("members") {
        let former = before.and_then(|before| before.get(&["members"])).and_then(Value::as_array);
        let former: HashMap<&str, &Value> =
            former.into_iter().flatten().filter_map(|member| Some((id(member)?, member))).collect();
        for member in members.iter_mut() {
            if let Some(&stored) = id(member).and_then(|id| former.get(id)) {
                *member = stored.clone();
            }
        }
        if members.iter().any(|member| id(member).is_none()) {
            return Err(ScimError::invalid_value("members", "every member needs a `value`, the id of a user or group"));
        }
        members.sort_by(|one, other| id(one).cmp(&id(other)));
        members.dedup_by(|one, other| id(one) == id(other));
    }
    Ok(document)
}

/// The action of a change of a user.
pub(super) fn action(before: &Document, after: &Document) -> Action {
    if before.is_active() && !after.is_active() { Action::Disable } else { Action::Update }
}

/// The readable name of a resource, for the journal.
pub(super) fn identity(resource: &Resource) -> String {
    let name = match resource.kind {
        ResourceKind::User => "userName",
        ResourceKind::Group => "displayName",
    };
    text(&resource.document, name).to_owned()
}

/// A top-level text; empty if there is none.
pub(super) fn text<'a>(document: &'a Document, name: &str) -> &'a str {
    document.get(&[name]).and_then(Value::as_str).unwrap_or_default()
}

/// The limit counts code points of the stored value. A value stored before the limit was lowered may stay: otherwise its user
/// could not even be disabled.
fn check_user_name_length(document: &Document, before: Option<&Document>, limit: u32) -> Result<(), ScimError> {
    let user_name = text(document, "userName");
    let length = user_name.chars().count();
    if limit == 0 || length <= limit as usize || before.is_some_and(|before| text(before, "userName") == user_name) {
        return Ok(());
    }
    let why = format!("userNames may not exceed {limit} characters, and this one has {length}");
    Err(ScimError::invalid_value("userName", why))
}

/// A name that looks like another, or like none, cannot be typed or told from it. RFC 8265 §3.3 has neither blanks nor control
/// characters in userNames; blanks within one are sent by clients, and kept. A name that was stored before may stay.
fn check_name(document: &Document, before: Option<&Document>, attribute: &str) -> Result<(), ScimError> {
    let name = text(document, attribute);
    let is_invisible = |letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '\u{200b}' | '\u{2060}' | '\u{feff}')
    };
    if !name.starts_with(is_invisible) && !name.ends_with(is_invisible) {
        return Ok(());
    }
    if before.is_some_and(|before| text(before, attribute) == name) {
        return Ok(());
    }
    let why = if name.chars().all(is_invisible) {
        "it has no visible character"
    } else {
        "it begins or ends with a blank or a control character"
    };
    Err(ScimError::invalid_value(attribute, why))
}

fn id(member: &Value) -> Option<&str> {
    member.get("value").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    #[track_caller]
    fn check_limit(limit: u32, user_name: &str, before: Option<&str>, taken: bool) {
        let settings = Settings { user_name_limit: limit, ..Settings::default() };
        let before = before.map(|name| document(json!({"userName": name})));
        let result = user(document(json!({"userName": user_name})), before.as_ref(), settings);
        assert_eq!(result.is_ok(), taken, "{user_name}: {result:?}");
    }

    #[test]
    fn the_user_name_limit_counts_code_points_of_new_names() {
        let (thirty, longer) = ("é".repeat(30), "é".repeat(31));
        check_limit(30, &thirty, None, true);
        check_limit(30, &longer, None, false);
        check_limit(30, &longer, Some("short"), false);
        check_limit(30, &longer, Some(&longer), true);
        check_limit(0, &longer, None, true);
    }

    #[test]
    fn a_new_user_is_active_unless_sent_as_inactive() {
        let settings = Settings::default();
        let before = document(json!({"userName": "ana", "active": true}));
        let taken_away = user(document(json!({"userName": "ana"})), Some(&before), settings).unwrap();
        assert_eq!(taken_away.get(&["active"]), Some(&json!(true)));
        let of = |value| user(document(value), None, settings).unwrap().get(&["active"]).cloned();
        assert_eq!(of(json!({"userName": "ana"})), Some(json!(true)));
        assert_eq!(of(json!({"userName": "ana", "active": false})), Some(json!(false)));
    }

    #[test]
    fn a_replacement_silent_about_active_enables_nobody() {
        let of = |before, sent| {
            user(document(sent), Some(&document(before)), Settings::default()).unwrap().get(&["active"]).cloned()
        };
        assert_eq!(of(json!({"active": false}), json!({"userName": "ana"})), Some(json!(false)));
        assert_eq!(of(json!({"active": false}), json!({"active": true})), Some(json!(true)));
        assert_eq!(of(json!({"active": true}), json!({"userName": "ana"})), Some(json!(true)));
        assert_eq!(of(json!({}), json!({"userName": "ana"})), Some(json!(true)));
    }

    #[test]
    fn members_are_a_set_and_keep_what_is_known_of_them() {
        let before = document(json!({"members": [{"value": "a", "type": "User", "display": "Ana"}]}));
        let sent = document(json!({"members": [{"value": "b"}, {"value": "a"}, {"value": "b", "display": "again"}]}));
        let members = group(sent, Some(&before)).unwrap().get(&["members"]).cloned();
        let expected = json!([{"value": "a", "type": "User", "display": "Ana"}, {"value": "b"}]);
        assert_eq!(members, Some(expected));
        assert!(group(document(json!({"members": [{"display": "nobody"}]})), None).is_err());
    }

    #[test]
    fn names_can_be_seen() {
        let of = |name: &str, before: Option<&str>| {
            let before = before.map(|name| document(json!({"userName": name, "displayName": name})));
            let sent = document(json!({"userName": name, "displayName": name}));
            let refused = user(sent.clone(), before.as_ref(), Settings::default()).err();
            assert_eq!(group(sent, before.as_ref()).is_err(), refused.is_some(), "{name:?}");
            refused.map(|error| error.detail)
        };
        for name in ["ana", "ana ruiz", "a\u{7}b", "日本 語", "-", "e\u{301}"] {
            assert_eq!(of(name, None), None, "{name:?}");
        }
        for name in [" ", "   ", "\t", "\n", "\u{a0}\u{3000}", "\u{200b}", "\u{1}"] {
            assert!(of(name, None).unwrap().contains("no visible character"), "{name:?}");
        }
        for name in [" ana", "ana ", "ana\n", "\u{feff}ana", "ana\u{a0}", "\u{0085}ana", "ana\u{200b}"] {
            assert!(of(name, None).unwrap().contains("begins or ends"), "{name:?}");
            assert!(of(name, Some("ana")).is_some());
            assert_eq!(of(name, Some(name)), None, "what was stored before may stay: {name:?}");
        }
    }

    #[test]
    fn only_the_way_from_active_to_inactive_is_disabling() {
        let (on, off) = (document(json!({"active": true})), document(json!({"active": false})));
        assert_eq!(action(&on, &off), Action::Disable);
        for (before, after) in [(&off, &on), (&on, &on), (&off, &off)] {
            assert_eq!(action(before, after), Action::Update);
        }
    }
}
