//! Which attributes of a resource an answer shows (RFC 7644 §3.4.2.5, §3.9).

use super::{
    Filter, ResourceType, ScimError,
    filter::eval,
    patch::PatchPath,
    schema::{Attribute, Returned},
};
use serde_json::Value;

/// A choice of attributes.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Projection {
    /// What is returned by default.
    #[default]
    Default,
    /// `attributes`: only these, and what is always returned.
    Only(Vec<PatchPath>),
    /// `excludedAttributes`: all but these.
    Without(Vec<PatchPath>),
}

impl Projection {
    /// Reads the two query parameters, each a list with commas. Both together are refused (decision); what is not even
    /// a name is unknown, and unknown names are ignored. Microsoft's collection of requests asks for
    /// `emails[type eq "work"]`: those values alone are shown.
    pub fn read(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, ScimError> {
        let given = |name: &str, list: Option<&str>| {
            list.filter(|list| !list.trim().is_empty()).map(|list| paths(name, list)).transpose()
        };
        match (given("attributes", attributes)?, given("excludedAttributes", excluded)?) {
            (Some(_), Some(_)) => {
                Err(ScimError::invalid_value("attributes", "it cannot be combined with `excludedAttributes`"))
            }
            (Some(only), None) => Ok(Self::Only(only)),
            (None, Some(without)) => Ok(Self::Without(without)),
            (None, None) => Ok(Self::Default),
        }
    }

    /// The rendered resource with the chosen attributes. §3.4.2.5: the choice has "no effect on attributes whose schema
    /// 'returned' setting is 'always'".
    #[must_use]
    pub fn apply(&self, resource_type: &ResourceType, resource: Value) -> Value {
        let nothing = Vec::new();
        let (paths, keeps_named) = match self {
            Self::Default if !resource_type.has_attributes_on_request() => return resource,
            Self::Default => (&nothing, false),
            Self::Only(paths) => (paths, true),
            Self::Without(paths) => (paths, false),
        };
        let Value::Object(mut values) = resource else { return resource };
        let selection = Selection::new(resource_type, paths, keeps_named);
        values.retain(|name, value| {
            if let (Some(extension), Some(values)) = (resource_type.extension(name), value.as_object_mut()) {
                values.retain(|name, value| match extension.attribute(name).map(|known| known.returned) {
                    Some(Returned::Always) => true,
                    Some(Returned::Request) if !keeps_named => false,
                    _ => selection.keeps(Some(&extension.id), name, value),
                });
                return !values.is_empty();
            }
            let always = |attribute: &Attribute| attribute.returned == Returned::Always;
            resource_type.core_attribute(name).is_some_and(always) || selection.keeps(None, name, value)
        });
        Value::Object(values)
    }
}

impl ResourceType {
    /// Whether some attribute is shown only to who asks for it by name (RFC 7643 §7, `returned` is `request`).
    #[must_use]
    pub fn has_attributes_on_request(&self) -> bool {
        let mut attributes = self.extensions.iter().flat_map(|extension| &*extension.attributes);
        attributes.any(|attribute| attribute.returned == Returned::Request)
    }
}

/// The paths in a list. Commas within brackets and quotation marks do not end one.
fn paths(parameter: &str, list: &str) -> Result<Vec<PatchPath>, ScimError> {
    let (mut in_text, mut escaped, mut depth) = (false, false, 0_usize);
    let names = list.split(|letter: char| {
        let is_escaped = escaped;
        escaped = in_text && letter == '\\' && !is_escaped;
        match letter {
            '"' if !is_escaped => in_text = !in_text,
            '[' if !in_text => depth += 1,
            ']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && !in_text && depth == 0
    });
    let mut paths = Vec::new();
    for name in names.map(str::trim) {
        match name.parse() {
            Ok(path) => paths.push(path),
            Err(_) if !name.contains('[') => {}
            Err(_) => {
                let why = format_args!("`{name}` is neither the name of an attribute nor one with a filter");
                return Err(ScimError::invalid_value(parameter, why));
            }
        }
    }
    Ok(paths)
}

/// The named attributes, looked up.
struct Selection<'a> {
    /// Extensions named as a whole, `None` for the core schema.
    schemas: Vec<Option<&'a str>>,
    attributes: Vec<Selected<'a>>,
    /// Whether what is named stays, or goes.
    keeps_named: bool,
}

/// An attribute, or a part of it, of all values or of those that a filter selects.
struct Selected<'a> {
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    part: Option<&'a Attribute>,
    filter: Option<&'a Filter>,
}

impl<'a> Selection<'a> {
    fn new(resource_type: &'a ResourceType, paths: &'a [PatchPath], keeps_named: bool) -> Self {
        let schema = |path: &PatchPath| {
            let name = path.to_string();
            let core = resource_type.schema.id.eq_ignore_ascii_case(&name).then_some(None);
            core.or_else(|| resource_type.extension(&name).map(|extension| Some(&*extension.id)))
        };
        let selected = |path: &'a PatchPath| {
            let resolved = resource_type.resolve(&path.attribute)?;
            let part = match &path.sub_attribute {
                Some(name) => Some(resolved.attribute.sub_attribute(name)?),
                None => resolved.sub_attribute,
            };
            let (extension, attribute) = (resolved.extension, resolved.attribute);
            Some(Selected { extension, attribute, part, filter: path.filter.as_ref() })
        };
        Self {
            schemas: paths.iter().filter_map(schema).collect(),
            attributes: paths.iter().filter_map(selected).collect(),
            keeps_named,
        }
    }

    /// Whether the attribute stays; values and parts of it that do not are taken out of it.
    fn keeps(&self, extension: Option<&str>, name: &str, value: &mut Value) -> bool {
        if self.schemas.contains(&extension) {
            return self.keeps_named;
        }
        let named = |selected: &&Selected<'_>| selected.extension == extension && selected.attribute.name == name;
        let named: Vec<_> = self.attributes.iter().filter(named).collect();
        match value {
            _ if named.is_empty() => !self.keeps_named,
            Value::Array(elements) => {
                elements.retain_mut(|element| self.keeps_value(&named, element));
                !elements.is_empty()
            }
            value => self.keeps_value(&named, value),
        }
    }

    fn keeps_value(&self, named: &[&Selected<'_>], value: &mut Value) -> bool {
        let selects = |selected: &&&Selected<'_>| {
            selected.filter.is_none_or(|filter| eval::matches_value(filter, selected.attribute, value))
        };
        let parts: Vec<_> = named.iter().filter(selects).map(|selected| selected.part).collect();
        match value {
            _ if parts.contains(&None) => self.keeps_named,
            _ if parts.is_empty() => !self.keeps_named,
            Value::Object(values) => {
                let is_named = |name: &str| parts.iter().flatten().any(|part| part.name == name);
                values.retain(|name, _| is_named(name) == self.keeps_named);
                !values.is_empty()
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{ScimType, schema};
    use serde_json::json;

    const ENTERPRISE: &str = schema::ENTERPRISE_URN;

    fn ana() -> Value {
        json!({
            "schemas": [schema::USER_URN, ENTERPRISE],
            "id": "1",
            "userName": "ana",
            "name": {"givenName": "Ana", "familyName": "Ruiz"},
            "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x"}],
            ENTERPRISE: {"department": "Sales", "manager": {"value": "m", "$ref": "r"}},
            "meta": {"resourceType": "User", "location": "l"},
        })
    }

    #[track_caller]
    fn check(projection: &Projection, resource: Value, expected: &Value) {
        assert_eq!(projection.apply(schema::user(), resource), *expected);
    }

    /// `schemas` and `id`, and what else is expected.
    #[track_caller]
    fn check_only(attributes: &str, mut expected: Value) {
        expected["schemas"] = ana()["schemas"].clone();
        expected["id"] = json!("1");
        check(&Projection::read(Some(attributes), None).unwrap(), ana(), &expected);
    }

    /// Ana without the values at these pointers.
    #[track_caller]
    fn check_without(excluded: &str, gone: &[&[&str]]) {
        let mut expected = ana();
        for steps in gone {
            let (last, way) = steps.split_last().unwrap();
            let parent = way.iter().fold(&mut expected, |value, step| &mut value[*step]);
            parent.as_object_mut().unwrap().shift_remove(*last);
        }
        check(&Projection::read(None, Some(excluded)).unwrap(), ana(), &expected);
    }

    /// RFC 7644 §3.9; checklist 37
    #[test]
    fn attributes_names_what_stays() {
        check_only("userName", json!({"userName": "ana"}));
        check_only("USERNAME, shoeSize,,é", json!({"userName": "ana"}));
        check_only("shoeSize", json!({}));
        check_only("name.familyName,meta", json!({"name": {"familyName": "Ruiz"}, "meta": ana()["meta"]}));
        check_only("name.middleName", json!({}));
        check_only("name.givenName,name", json!({"name": ana()["name"]}));
        check_only("emails.type", json!({"emails": [{"type": "work"}]}));
        check_only("emails.value", json!({"emails": [{"value": "a@x"}, {"value": "b@x"}]}));
        check_only("password", json!({}));
        check_only("urn:ietf:params:scim:schemas:core:2.0:User:userName", json!({"userName": "ana"}));
        check_only(ENTERPRISE, json!({ENTERPRISE: ana()[ENTERPRISE]}));
        check_only(&format!("{ENTERPRISE}:department"), json!({ENTERPRISE: {"department": "Sales"}}));
        check_only("manager.value", json!({ENTERPRISE: {"manager": {"value": "m"}}}));
        let mut core = ana();
        core.as_object_mut().unwrap().shift_remove(ENTERPRISE);
        check_only(schema::USER_URN, core);
    }

    #[test]
    fn a_filter_chooses_among_the_values() {
        check_only("emails[type eq \"work\"]", json!({"emails": [{"value": "a@x", "type": "work"}]}));
        check_only(
            "userName,emails[type eq \"work\" and value ne \"a,]\\\"b\"].value , title",
            json!({
            "userName": "ana", "emails": [{"value": "a@x"}]}),
        );
        check_only("emails.type,emails[not (type pr)]", json!({"emails": [{"type": "work"}, {"value": "b@x"}]}));
        check_only("emails[type eq \"home\"].value", json!({}));
        check_only("shoeSize[value eq 5]", json!({}));
        let excluded = Projection::read(None, Some("emails[type eq \"work\"].type,emails[not (type pr)]")).unwrap();
        assert_eq!(excluded.apply(schema::user(), ana())["emails"], json!([{"value": "a@x"}]));
        for broken in ["emails[", "emails[type eq work]", "emails[type eq \"work\"]value", "userName,emails[]"] {
            let error = Projection::read(Some(broken), None).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "{broken}");
            assert!(Projection::read(None, Some(broken)).is_err());
        }
    }

    /// RFC 7644 §3.9; checklist 37
    #[test]
    fn excluded_attributes_names_what_goes() {
        check_without("userName", &[&["userName"]]);
        check_without("id,SCHEMAS,shoeSize", &[]);
        check_without("name.familyName, Meta", &[&["name", "familyName"], &["meta"]]);
        check_without("name.familyName,name.givenName", &[&["name"]]);
        check_without(ENTERPRISE, &[&[ENTERPRISE]]);
        check_without("department", &[&[ENTERPRISE, "department"]]);
        check_without("manager.$ref", &[&[ENTERPRISE, "manager", "$ref"]]);
        check_without("department,manager", &[&[ENTERPRISE]]);
        check_without("emails", &[&["emails"]]);
    }

    /// Checklist 38: Entra raises an error where the key is still there.
    #[test]
    fn excluded_members_leave_no_key() {
        let group =
            json!({"schemas": [schema::GROUP_URN], "id": "1", "displayName": "Sales", "members": [{"value": "a"}]});
        let projected = Projection::read(None, Some("members")).unwrap().apply(schema::group(), group);
        assert_eq!(projected, json!({"schemas": [schema::GROUP_URN], "id": "1", "displayName": "Sales"}));
    }

    /// Checklist 37
    #[test]
    fn both_together_are_refused_and_empty_ones_are_none() {
        let error = Projection::read(Some("a"), Some("b")).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
        assert_eq!(Projection::read(Some(""), Some(" ")), Ok(Projection::Default));
        assert_eq!(Projection::read(Some(""), Some("a")), Projection::read(None, Some("a")));
        check(&Projection::Default, ana(), &ana());
        check(&Projection::Only(Vec::new()), json!("x"), &json!("x"));
    }
}
