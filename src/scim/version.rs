//! Versions of resources (RFC 7644 §3.14; RFC 9110 §8.8, §13.1): entity tags as clients send them back.

use super::document::Resource;

/// The versions that a client named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// `*`: whichever there is.
    Any,
    /// One of these.
    OneOf(Vec<String>),
}

impl Versions {
    /// Reads `*`, or entity tags with commas between them; none if there is no tag at all.
    ///
    /// Tags are compared weakly: all of ours are weak, and under the strong comparison that RFC 9110 §13.1.1 asks for they
    /// would never match. What is no tag of ours matches nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let tags: Vec<&str> = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
        match tags[..] {
            [] => None,
            ["*"] => Some(Self::Any),
            _ => Some(Self::OneOf(tags.into_iter().map(|tag| opaque(tag).to_owned()).collect())),
        }
    }

    /// Whether the resource is in one of these versions.
    #[must_use]
    pub fn include<D>(&self, resource: &Resource<D>) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == opaque(&resource.etag())),
        }
    }
}

/// The one version with this number.
impl From<u64> for Versions {
    fn from(version: u64) -> Self {
        Self::OneOf(vec![version.to_string()])
    }
}

/// The tag without the mark of weakness and the quotation marks.
fn opaque(tag: &str) -> &str {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    strong.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(strong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{DateTime, Document, ResourceKind};

    #[track_caller]
    fn check(text: &str, included: bool) {
        let resource = Resource {
            id: "1".into(),
            kind: ResourceKind::User,
            created: DateTime::from_millis(0),
            last_modified: DateTime::from_millis(0),
            version: 7,
            document: Document::default(),
            groups: Vec::new(),
        };
        assert_eq!(Versions::read(text).unwrap().include(&resource), included, "{text}");
    }

    /// RFC 7644 §3.14; checklist 98
    #[test]
    fn tags_are_compared_weakly() {
        for text in ["W/\"7\"", "\"7\"", "7", "*", "\"6\", W/\"7\"", " W/\"7\" ,"] {
            check(text, true);
        }
        for text in ["W/\"6\"", "\"\"", "W/\"77\"", "w/\"7\"", "\"7", "\"*\"", "*, \"6\""] {
            check(text, false);
        }
        assert_eq!(Versions::read(" , "), None);
    }
}
