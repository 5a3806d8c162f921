//! Attribute paths (RFC 7644 §3.10): `userName`, `name.familyName`, `urn:…:User:manager.value`.

use super::ScimError;
use std::{fmt, str::FromStr};

/// An attribute as a client names it; letter case does not count. `ResourceType::resolve` says what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URN before the last colon.
    pub urn: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The sub-attribute after the dot.
    pub sub_attribute: Option<String>,
}

impl FromStr for AttributePath {
    type Err = ScimError;

    fn from_str(_text: &str) -> Result<Self, Self::Err> {
        todo!()
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute)?;
        self.sub_attribute
            .as_ref()
            .map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}
