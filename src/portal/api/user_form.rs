//! The form for adding and editing a user, and how it is applied to the user's document. Attributes that the form does
//! not have stay unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::scim::schema::{ENTERPRISE_URN, USER_URN};

/// The fields of the form. Empty fields clear their attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserForm {
    /// The name to sign in with.
    pub user_name: String,
    /// The name to show.
    pub display_name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The e-mail address at work.
    pub email: String,
    /// The telephone number at work.
    pub phone: String,
    /// The job title.
    pub title: String,
    /// The department.
    pub department: String,
    /// The employee number.
    pub employee_number: String,
    /// The manager's userName.
    pub manager: String,
}

/// A user being edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedUser {
    /// The fields as stored.
    pub form: UserForm,
    /// The version they were read from.
    pub version: u64,
    /// The name to show.
    pub display_name: String,
    /// The maximum length of userNames; 0 is no limit.
    pub user_name_limit: u32,
}

impl UserForm {
    /// The fields of a document except the manager, whose userName the caller has to look up.
    #[must_use]
    pub fn from_document(document: &Map<String, Value>) -> Self {
        let at = |path: &[&str]| {
            let mut value = document.get(path[0]);
            for step in &path[1..] {
                value = value.and_then(|value| value.get(step));
            }
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let at_work = |attribute: &str| {
            let values = document.get(attribute).and_then(Value::as_array);
            let value = values.into_iter().flatten().find(|value| is_work(value)).and_then(|value| value.get("value"));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Self {
            user_name: at(&["userName"]),
            display_name: at(&["displayName"]),
            given_name: at(&["name", "givenName"]),
            family_name: at(&["name", "familyName"]),
            email: at_work("emails"),
            phone: at_work("phoneNumbers"),
            title: at(&["title"]),
            department: at(&[ENTERPRISE_URN, "department"]),
            employee_number: at(&[ENTERPRISE_URN, "employeeNumber"]),
            manager: String::new(),
        }
    }

    /// Applies the form to a document; the result is what a SCIM client would send. `manager` is the manager's id.
    #[must_use]
    pub fn apply_to(&self, mut document: Map<String, Value>, manager: Option<&str>) -> Value {
        set_or_remove(&mut document, "userName", &self.user_name);
        set_or_remove(&mut document, "displayName", &self.display_name);
        set_or_remove(&mut document, "title", &self.title);
        change_object(&mut document, "name", |name| {
            // It was composed of the previous parts.
            let before = (name.get("givenName").cloned(), name.get("familyName").cloned());
            set_or_remove(name, "givenName", &self.given_name);
            set_or_remove(name, "familyName", &self.family_name);
            if before != (name.get("givenName").cloned(), name.get("familyName").cloned()) {
                name.remove("formatted");
            }
        });
        set_work_value(&mut document, "emails", &self.email);
        set_work_value(&mut document, "phoneNumbers", &self.phone);
        change_object(&mut document, ENTERPRISE_URN, |enterprise| {
            set_or_remove(enterprise, "department", &self.department);
            set_or_remove(enterprise, "employeeNumber", &self.employee_number);
            match manager {
                Some(id) => enterprise.insert("manager".to_owned(), json!({ "value": id })),
                None => enterprise.remove("manager"),
            };
        });
        let extensions = document.keys().filter(|name| name.starts_with("urn:"));
        let schemas: Vec<String> = std::iter::once(USER_URN.to_owned()).chain(extensions.cloned()).collect();
        document.insert("schemas".to_owned(), json!(schemas));
        Value::Object(document)
    }
}

fn set_or_remove(object: &mut Map<String, Value>, name: &str, value: &str) {
    match value.trim() {
        "" => object.remove(name),
        value => object.insert(name.to_owned(), Value::from(value)),
    };
}

/// Changes a nested object, and removes it when it becomes empty.
fn change_object(object: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    let mut inner = match object.get(name) {
        Some(Value::Object(inner)) => inner.clone(),
        _ => Map::new(),
    };
    change(&mut inner);
    if inner.is_empty() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), Value::Object(inner));
    }
}

fn set_work_value(document: &mut Map<String, Value>, attribute: &str, value: &str) {
    let mut values = document.get(attribute).and_then(Value::as_array).cloned().unwrap_or_default();
    let position = values.iter().position(is_work);
    match (position, value.trim()) {
        (Some(position), "") => {
            values.remove(position);
        }
        (Some(position), value) => values[position]["value"] = Value::from(value),
        (None, "") => {}
        (None, value) => values.push(json!({ "value": value, "type": "work" })),
    }
    if values.is_empty() {
        document.remove(attribute);
    } else {
        document.insert(attribute.to_owned(), Value::Array(values));
    }
}

fn is_work(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> UserForm {
        UserForm {
            user_name: " ana@contoso.com ".to_owned(),
            given_name: "Ana".to_owned(),
            email: "ana@contoso.com".to_owned(),
            ..UserForm::default()
        }
    }

    #[track_caller]
    fn check(form: &UserForm, before: Value, manager: Option<&str>, after: &Value) {
        let Value::Object(before) = before else { panic!("a document is an object") };
        assert_eq!(&form.apply_to(before, manager), after);
    }

    #[test]
    fn other_attributes_stay_unchanged() {
        check(
            &ana(),
            json!({}),
            None,
            &json!({
                "userName": "ana@contoso.com", "name": {"givenName": "Ana"},
                "emails": [{"value": "ana@contoso.com", "type": "work"}], "schemas": [USER_URN],
            }),
        );
        check(
            &ana(),
            json!({
                "userName": "old", "displayName": "Old", "nickName": "Annie",
                "name": {"formatted": "Old Name", "familyName": "Name", "middleName": "M."},
                "emails": [{"value": "home@x", "type": "home"}, {"value": "old@x", "type": "work", "primary": true}],
                "phoneNumbers": [{"value": "1", "type": "work"}],
                ENTERPRISE_URN: {"department": "Sales", "costCenter": "7"},
            }),
            Some("26118915"),
            &json!({
                "userName": "ana@contoso.com", "nickName": "Annie",
                "name": {"middleName": "M.", "givenName": "Ana"},
                "emails": [
                    {"value": "home@x", "type": "home"},
                    {"value": "ana@contoso.com", "type": "work", "primary": true},
                ],
                ENTERPRISE_URN: {"costCenter": "7", "manager": {"value": "26118915"}},
                "schemas": [USER_URN, ENTERPRISE_URN],
            }),
        );
    }

    #[test]
    fn a_form_survives_the_round_trip_through_a_document() {
        let Value::Object(document) = ana().apply_to(Map::new(), None) else { panic!("a document is an object") };
        assert_eq!(UserForm::from_document(&document), UserForm { user_name: "ana@contoso.com".to_owned(), ..ana() });
    }
}
