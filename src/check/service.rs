//! What a service declares about itself.

use serde_json::Value;

use super::compare::member;

/// The enterprise extension of users (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The schema of users (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A feature that a service may omit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// `patch.supported`
    Patch,
    /// `filter.supported`
    Filter,
    /// `sort.supported`
    Sort,
    /// `etag.supported`
    Etag,
    /// `bulk.supported`
    Bulk,
    /// `pagination.cursor` (RFC 9865)
    Cursor,
    /// A resource type `Group`.
    Groups,
    /// The enterprise extension of users.
    Enterprise,
}

/// The three discovery documents, as far as they could be read.
#[derive(Debug, Default)]
pub struct ServiceDescription {
    /// `/ServiceProviderConfig`
    pub config: Option<Value>,
    /// `/ResourceTypes`
    pub types: Option<Vec<Value>>,
    /// `/Schemas`
    pub schemas: Option<Vec<Value>>,
}

impl ServiceDescription {
    /// Why tests that need this feature do not apply; `None` when they do. If the declarations cannot be read, the features
    /// that are not optional in practice (PATCH, filters, groups) are tested all the same.
    pub fn lacks(&self, feature: Feature) -> Option<String> {
        let flag = match feature {
            Feature::Patch => "patch.supported",
            Feature::Filter => "filter.supported",
            Feature::Sort => "sort.supported",
            Feature::Etag => "etag.supported",
            Feature::Bulk => "bulk.supported",
            Feature::Cursor => "pagination.cursor",
            Feature::Groups => return self.has_no_groups(),
            Feature::Enterprise => return self.has_no_enterprise(),
        };
        match &self.config {
            Some(config) if is_true(config, flag) => None,
            Some(_) => Some(format!("ServiceProviderConfig does not declare {flag}")),
            None if matches!(feature, Feature::Patch | Feature::Filter) => None,
            None => Some(format!("ServiceProviderConfig could not be read, so {flag} is not declared")),
        }
    }

    fn has_no_groups(&self) -> Option<String> {
        let types = self.types.as_ref()?;
        let is_group = |kind: &Value| kind["name"] == "Group" || kind["endpoint"] == "/Groups";
        (!types.iter().any(is_group)).then(|| "ResourceTypes lists no Group".to_owned())
    }

    fn has_no_enterprise(&self) -> Option<String> {
        let types = self.types.as_ref()?;
        let user = types.iter().find(|kind| kind["name"] == "User")?;
        let extensions = user["schemaExtensions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_named = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(ENTERPRISE));
        let named = extensions.iter().any(|extension| is_named(&extension["schema"]));
        (!named).then(|| "ResourceTypes lists no enterprise extension for User".to_owned())
    }

    /// A schema by its URN.
    pub fn schema(&self, urn: &str) -> Option<&Value> {
        let is_it = |schema: &&Value| schema["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(urn));
        self.schemas.as_ref()?.iter().find(is_it)
    }

    /// An attribute, or a sub-attribute, of a schema.
    pub fn attribute(&self, urn: &str, path: &[&str]) -> Option<&Value> {
        let mut holder = self.schema(urn)?;
        let mut key = "attributes";
        for name in path {
            let attributes = holder[key].as_array()?;
            let is_it = |attribute: &&Value| attribute["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name));
            holder = attributes.iter().find(is_it)?;
            key = "subAttributes";
        }
        Some(holder)
    }

    /// A number in `ServiceProviderConfig`, such as `bulk.maxOperations`.
    pub fn number(&self, path: &str) -> Option<u64> {
        lookup(self.config.as_ref()?, path).as_u64()
    }
}

fn is_true(config: &Value, path: &str) -> bool {
    lookup(config, path) == &Value::Bool(true)
}

fn lookup<'a>(config: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(config, |holder, name| member(holder, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_undeclared_feature_is_a_reason_to_skip() {
        let service = ServiceDescription {
            config: Some(json!({"patch": {"supported": true}, "sort": {"supported": false}})),
            types: Some(vec![json!({"name": "User", "schemaExtensions": []})]),
            schemas: None,
        };
        assert_eq!(service.lacks(Feature::Patch), None);
        assert_eq!(service.lacks(Feature::Sort).unwrap(), "ServiceProviderConfig does not declare sort.supported");
        assert_eq!(service.lacks(Feature::Cursor).unwrap(), "ServiceProviderConfig does not declare pagination.cursor");
        assert_eq!(service.lacks(Feature::Groups).unwrap(), "ResourceTypes lists no Group");
        assert!(service.lacks(Feature::Enterprise).is_some());
    }

    #[test]
    fn a_service_that_declares_nothing_is_tested_all_the_same() {
        let service = ServiceDescription::default();
        assert!(
            [Feature::Patch, Feature::Filter, Feature::Groups, Feature::Enterprise]
                .iter()
                .all(|n| service.lacks(*n).is_none())
        );
        assert!(
            [Feature::Sort, Feature::Bulk, Feature::Etag, Feature::Cursor].iter().all(|n| service.lacks(*n).is_some())
        );
    }
}
