//! Attribute paths (RFC 7644 §3.10): `userName`, `name.familyName`, `urn:…:User:manager.value`.

use super::ScimError;
use std::{fmt, str::FromStr};

/// An attribute as a client names it; letter case does not count. `ResourceType::resolve` finds it in the schemas.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URN before the last colon.
    pub urn: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The sub-attribute after the dot.
    pub sub_attribute: Option<String>,
}

impl AttributePath {
    /// The path of an attribute without URN and sub-attribute.
    pub fn bare(attribute: impl Into<String>) -> Self {
        Self { urn: None, attribute: attribute.into(), sub_attribute: None }
    }
}

/// RFC 7644 §3.4.2.2: `attrPath = [URI ":"] ATTRNAME *1subAttr`, `nameChar = "-" / "_" / DIGIT / ALPHA`.
///
/// `$` is a name character too, or `$ref` could not be named. RFC 7643 §2.1: `ATTRNAME = ALPHA *(nameChar)`; only behind
/// a URN may a digit come first, because the end of a whole schema URN (`urn:…:2.0`) reads as an attribute with a
/// sub-attribute, and only the schemas distinguish the two.
impl FromStr for AttributePath {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (urn, names) = text.rsplit_once(':').map_or((None, text), |(urn, names)| (Some(urn), names));
        let (attribute, sub_attribute) = names.split_once('.').map_or((names, None), |(name, sub)| (name, Some(sub)));
        let begins =
            |name: &str| urn.is_some() || name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$');
        if ![Some(attribute), sub_attribute].into_iter().flatten().all(begins)
            || !is_name(attribute)
            || !sub_attribute.is_none_or(is_name)
            || !urn.is_none_or(is_urn)
        {
            return Err(ScimError::invalid_path(text, "it is not the name of an attribute"));
        }
        Ok(Self {
            urn: urn.map(str::to_owned),
            attribute: attribute.to_owned(),
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
}

fn is_urn(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"[]()".contains(&byte))
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute)?;
        self.sub_attribute.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

#[cfg(test)]
mod tests {
    use super::AttributePath;
    use crate::scim::ScimType;

    #[track_caller]
    fn check(text: &str, urn: Option<&str>, attribute: &str, sub_attribute: Option<&str>) {
        let path: AttributePath = text.parse().unwrap();
        let parts = (path.urn.as_deref(), path.attribute.as_str(), path.sub_attribute.as_deref());
        assert_eq!(parts, (urn, attribute, sub_attribute));
        assert_eq!(path.to_string(), text);
    }

    /// RFC 7644 §3.10
    #[test]
    fn a_path_is_taken_apart_and_put_together_again() {
        check("userName", None, "userName", None);
        check("name.familyName", None, "name", Some("familyName"));
        check("manager.$ref", None, "manager", Some("$ref"));
        let enterprise = Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User");
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", enterprise, "department", None);
        check(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            enterprise,
            "manager",
            Some("value"),
        );
        check("urn:example:ext:2.0", Some("urn:example:ext"), "2", Some("0"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            ".",
            "a.",
            ".b",
            "a.b.c",
            ":a",
            "a:",
            "a b",
            "a[b",
            "é",
            "a\u{0}",
            "urn:x y:a",
            "emails[]",
            "1a",
            "-a",
            "_a",
            "name.1a",
        ] {
            let error = text.parse::<AttributePath>().unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{text}");
        }
    }
}
