//! The path of an operation (RFC 7644 §3.5.2): `attrPath / valuePath [subAttr]`.

use crate::scim::{
    AttributePath, Filter, ScimError,
    filter::{MAX_LENGTH, Parser},
};
use std::{fmt, str::FromStr};

/// `attribute`, `attribute.sub`, `attribute[filter]` or `attribute[filter].sub`.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute; its `sub_attribute` is set only where there is no filter.
    pub attribute: AttributePath,
    /// Which values of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute of those values.
    pub sub_attribute: Option<String>,
}

impl From<AttributePath> for PatchPath {
    fn from(attribute: AttributePath) -> Self {
        Self { attribute, filter: None, sub_attribute: None }
    }
}

impl FromStr for PatchPath {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_ascii();
        if text.len() > MAX_LENGTH {
            let start: String = text.chars().take(20).collect();
            return Err(ScimError::invalid_path(start, format_args!("it has more than {MAX_LENGTH} bytes")));
        }
        let Some(bracket) = text.find('[') else {
            return text.parse().map(AttributePath::into);
        };
        let attribute: AttributePath = text[..bracket].parse()?;
        if attribute.sub_attribute.is_some() {
            return Err(ScimError::invalid_path(text, "a filter cannot follow a sub-attribute"));
        }
        let mut parser = Parser::new(&text[bracket..]);
        let filter = Some(parser.bracketed()?);
        let sub_attribute = match parser.rest() {
            "" => None,
            rest => {
                let name = rest.strip_prefix('.').and_then(|name| name.parse::<AttributePath>().ok());
                let name = name.filter(|name| name.urn.is_none() && name.sub_attribute.is_none());
                Some(name.ok_or_else(|| ScimError::invalid_path(text, "only `.` and a name can follow `]`"))?.attribute)
            }
        };
        Ok(Self { attribute, filter, sub_attribute })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        self.sub_attribute.as_ref().map_or(Ok(()), |name| write!(f, ".{name}"))
    }
}
