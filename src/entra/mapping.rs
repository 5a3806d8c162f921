//! Attribute mappings: Entra's defaults for a custom application, and the administrator's changes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::SimulateError;
use super::report::text_of_value;
use super::source::SourceUser;
use super::wire::path::TargetAttribute;

/// The manager, the only reference attribute of a user.
pub const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// Entra's default mappings of users; `Switch` and `Join` are Entra's names of expressions.
const DEFAULTS: &[(&str, &str)] = &[
    ("externalId", "mailNickname"),
    ("userName", "userPrincipalName"),
    ("active", "Switch"),
    ("displayName", "displayName"),
    ("title", "jobTitle"),
    ("emails[type eq \"work\"].value", "mail"),
    ("preferredLanguage", "preferredLanguage"),
    ("name.givenName", "givenName"),
    ("name.familyName", "surname"),
    ("name.formatted", "Join"),
    ("addresses[type eq \"work\"].formatted", "officeLocation"),
    ("addresses[type eq \"work\"].streetAddress", "streetAddress"),
    ("addresses[type eq \"work\"].locality", "city"),
    ("addresses[type eq \"work\"].region", "state"),
    ("addresses[type eq \"work\"].postalCode", "postalCode"),
    ("addresses[type eq \"work\"].country", "country"),
    ("phoneNumbers[type eq \"work\"].value", "businessPhones"),
    ("phoneNumbers[type eq \"mobile\"].value", "mobilePhone"),
    ("phoneNumbers[type eq \"fax\"].value", "faxNumber"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "employeeId"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "department"),
    (MANAGER, "manager"),
];

/// All mappings of users.
#[derive(Debug)]
pub struct Mappings {
    rows: Vec<(TargetAttribute, Expression)>,
    manager: Option<TargetAttribute>,
    matching: Vec<TargetAttribute>,
}

/// The source of a value. `Debug` is part of the configuration's fingerprint in the state file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    /// The source attribute, unchanged.
    Direct(String),
    /// `Switch([IsSoftDeleted], , "False", "True", "True", "False")`.
    Active,
    /// `Join(" ", [givenName], [surname])`.
    FullName,
}

impl Mappings {
    /// Entra's defaults with changes (`target=source`), limited to the attributes of the export.
    pub fn new(changes: &[String], matching: &[String], exported: &BTreeSet<String>) -> Result<Self, SimulateError> {
        let mut rows: Vec<(String, String)> =
            DEFAULTS.iter().map(|(target, source)| ((*target).into(), (*source).into())).collect();
        for change in changes {
            let (target, source) = change
                .rsplit_once('=')
                .ok_or_else(|| SimulateError::Usage(format!("`{change}` is not a mapping such as externalId=id")))?;
            match rows.iter_mut().find(|(known, _)| known == target) {
                Some(row) => source.clone_into(&mut row.1),
                None => rows.push((target.to_owned(), source.to_owned())),
            }
        }
        let mut mappings = Self { rows: Vec::new(), manager: None, matching: Vec::new() };
        for (target, source) in rows {
            let (path, target) = (target.clone(), parse(&target)?);
            let expression = match source.as_str() {
                "Switch" => Expression::Active,
                "Join" => Expression::FullName,
                _ => Expression::Direct(source),
            };
            match &expression {
                Expression::Direct(source) if !exported.contains(source) => {}
                _ if path == MANAGER => mappings.manager = Some(target),
                _ => mappings.rows.push((target, expression)),
            }
        }
        mappings.matching = matching.iter().map(|target| parse(target)).collect::<Result<_, _>>()?;
        let is_mapped = |target: &TargetAttribute| mappings.rows.iter().any(|(mapped, _)| mapped == target);
        match mappings.matching.iter().find(|target| !is_mapped(target)) {
            _ if matching.is_empty() => {
                Err(SimulateError::Usage("users have to be matched by an attribute: use --match".into()))
            }
            Some(target) => Err(SimulateError::Usage(format!(
                "users cannot be matched by {target}: no exported attribute is mapped to it"
            ))),
            None => Ok(mappings),
        }
    }

    /// The values that a user should have on the server, `None` for no value; without references.
    pub fn values(&self, user: &SourceUser, is_soft_deleted: bool) -> Vec<(&TargetAttribute, Option<Value>)> {
        let value = |expression: &Expression| match expression {
            Expression::Direct(source) => user.get(source).map(Value::from),
            Expression::Active => Some(Value::Bool(!is_soft_deleted)),
            Expression::FullName => {
                let parts: Vec<_> = [user.get("givenName"), user.get("surname")].into_iter().flatten().collect();
                (!parts.is_empty()).then(|| Value::from(parts.join(" ")))
            }
        };
        self.rows.iter().map(|(target, expression)| (target, value(expression))).collect()
    }

    /// The target attribute of the manager, if managers are mapped and exported.
    pub fn manager(&self) -> Option<&TargetAttribute> {
        self.manager.as_ref()
    }

    /// The attributes that users are matched by, in order; at least one.
    pub fn matching(&self) -> &[TargetAttribute] {
        &self.matching
    }

    /// The matching attributes of a user that have a value, in order.
    pub fn match_by(&self, user: &SourceUser) -> Vec<(&TargetAttribute, String)> {
        let values = self.values(user, user.is_blocked());
        let value = |wanted: &TargetAttribute| {
            values.iter().find(|(target, _)| *target == wanted)?.1.as_ref().map(text_of_value)
        };
        self.matching.iter().filter_map(|target| Some((target, value(target)?))).collect()
    }

    /// The target attribute of `active`, which disables users.
    pub fn active(&self) -> Option<&TargetAttribute> {
        self.rows.iter().find(|(_, expression)| *expression == Expression::Active).map(|(target, _)| target)
    }
}

impl std::fmt::Display for Mappings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for target in &self.matching {
            writeln!(formatter, "match {target}")?;
        }
        for (target, expression) in &self.rows {
            writeln!(formatter, "{target} {expression:?}")?;
        }
        if let Some(target) = &self.manager { writeln!(formatter, "{target}") } else { Ok(()) }
    }
}

fn parse(target: &str) -> Result<TargetAttribute, SimulateError> {
    TargetAttribute::parse(target).ok_or_else(|| SimulateError::Usage(format!("`{target}` is not a target attribute")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(attributes: &[(&str, &str)]) -> SourceUser {
        SourceUser {
            id: "1".into(),
            attributes: attributes.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        }
    }

    fn exported(extra: &[&str]) -> BTreeSet<String> {
        ["userPrincipalName", "mail", "givenName", "surname", "manager", "mailNickname"]
            .iter()
            .chain(extra)
            .map(ToString::to_string)
            .collect()
    }

    fn by(matching: &[&str]) -> Vec<String> {
        matching.iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn check(changes: &[&str], attributes: &[(&str, &str)], soft_deleted: bool, expected: &[&str]) {
        let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
        let mappings = Mappings::new(&changes, &by(&["userName"]), &exported(&["id"])).unwrap();
        let values = mappings.values(&user(attributes), soft_deleted);
        let shown: Vec<_> = values
            .iter()
            .map(|(target, value)| format!("{target}={}", value.as_ref().unwrap_or(&Value::Null)))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_defaults_are_entras() {
        check(
            &[],
            &[("userPrincipalName", "a@b"), ("givenName", "A"), ("surname", "B"), ("mailNickname", "a")],
            false,
            &[
                "externalId=\"a\"",
                "userName=\"a@b\"",
                "active=true",
                "emails[type eq \"work\"].value=null",
                "name.givenName=\"A\"",
                "name.familyName=\"B\"",
                "name.formatted=\"A B\"",
            ],
        );
    }

    #[test]
    fn a_mapping_can_be_changed() {
        check(
            &["externalId=id", "nickName=mail"],
            &[("id", "1"), ("surname", "B"), ("mail", "m")],
            true,
            &[
                "externalId=\"1\"",
                "userName=null",
                "active=false",
                "emails[type eq \"work\"].value=\"m\"",
                "name.givenName=null",
                "name.familyName=\"B\"",
                "name.formatted=\"B\"",
                "nickName=\"m\"",
            ],
        );
    }

    #[test]
    fn an_attribute_missing_from_the_export_is_not_mapped_and_cannot_match() {
        let without: BTreeSet<String> = ["userPrincipalName"].iter().map(ToString::to_string).collect();
        assert!(Mappings::new(&[], &by(&["userName"]), &without).unwrap().manager().is_none());
        for matching in [&["externalId"][..], &["userName", "externalId"], &[]] {
            assert!(Mappings::new(&[], &by(matching), &without).is_err(), "{matching:?}");
        }
        assert!(Mappings::new(&[], &by(&["userName"]), &exported(&[])).unwrap().manager().is_some());
    }
}
