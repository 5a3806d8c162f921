//! A tenant's own extension of User, from its RFC 7643 §7 form: what `/Schemas` shows can be read back.

use super::{Attribute, ENTERPRISE_URN, Kind, Mutability, Returned, Schema, USER, Uniqueness, common::COMMON};
use crate::scim::document::value::member;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt};

/// The most schemas of its own that a tenant may have.
pub const MAX_SCHEMAS: usize = 10;
/// The most attributes of one schema.
pub const MAX_ATTRIBUTES: usize = 50;
/// The most characters of a name.
pub const LONGEST_NAME: usize = 60;
/// The most characters of a URN.
pub const LONGEST_URN: usize = 200;
/// The most characters of a description.
pub const LONGEST_DESCRIPTION: usize = 500;

/// A definition that cannot be accepted: the place and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionError {
    /// The attribute it is about; none for the schema itself.
    pub attribute: Option<String>,
    /// The member of the JSON form, such as `id` or `returned`.
    pub field: &'static str,
    /// Half a sentence.
    pub why: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(attribute) => write!(f, "the attribute `{attribute}`: `{}` {}", self.field, self.why),
            None => write!(f, "the schema's `{}` {}", self.field, self.why),
        }
    }
}

type Read<T> = Result<T, DefinitionError>;

fn definition_error<T>(field: &'static str, why: impl Into<String>) -> Read<T> {
    Err(DefinitionError { attribute: None, field, why: why.into() })
}

/// The URN that an extension of this name has unless another is wanted.
#[must_use]
pub fn urn_of(name: &str) -> String {
    format!("urn:ietf:params:scim:schemas:extension:{name}:2.0:User")
}

impl Schema {
    /// Reads an extension of User. `name` may be missing, and is the one in the URN then.
    ///
    /// # Errors
    /// When it is not one that a tenant may define.
    pub fn read(sent: &Value) -> Result<Self, DefinitionError> {
        let Some(sent) = sent.as_object() else {
            return definition_error("id", "is missing: a schema is a JSON object");
        };
        let id = text(sent, "id", LONGEST_URN)?.unwrap_or_default();
        let extension = extension_name(&id)?.to_owned();
        let listed = match member(sent, "attributes") {
            None => &[][..],
            Some(Value::Array(listed)) => listed,
            Some(_) => return definition_error("attributes", "must be a list"),
        };
        if listed.len() > MAX_ATTRIBUTES {
            return definition_error(
                "attributes",
                format!("has {} of them; {MAX_ATTRIBUTES} are the most", listed.len()),
            );
        }
        let mut attributes: Vec<Attribute> = Vec::with_capacity(listed.len());
        for sent in listed {
            let attribute = Attribute::read(sent)?;
            if attributes.iter().any(|other| other.name.eq_ignore_ascii_case(&attribute.name)) {
                return definition_error("attributes", format!("has `{}` twice", attribute.name));
            }
            attributes.push(attribute);
        }
        Ok(Self {
            name: text(sent, "name", LONGEST_NAME)?.unwrap_or(extension).into(),
            description: text(sent, "description", LONGEST_DESCRIPTION)?.unwrap_or_default().into(),
            id: id.into(),
            attributes: attributes.into(),
        })
    }

    /// Whether every user must have it, as `/ResourceTypes` says (RFC 7643 §6): because some attribute is required.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.required)
    }

    /// The path of one of its attributes, as it is written in filters, in PATCH and in a provider's attribute mapping.
    #[must_use]
    pub fn path(&self, attribute: &Attribute) -> String {
        format!("{}:{}", self.id, attribute.name)
    }
}

/// The name in `urn:…:extension:<name>:2.0:User`.
fn extension_name(urn: &str) -> Read<&str> {
    let form = || definition_error("id", "must have the form `urn:ietf:params:scim:schemas:extension:<name>:2.0:User`");
    let is_word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let steps: Vec<&str> = urn.split(':').collect();
    let [scheme, namespace, way @ .., extension, name, version, kind] = &steps[..] else { return form() };
    // RFC 8141 §2: NID = (alphanum) 0*30(ldh) (alphanum)
    let is_namespace = (2..=32).contains(&namespace.len())
        && !namespace.ends_with('-')
        && namespace.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !scheme.eq_ignore_ascii_case("urn")
        || !is_namespace
        || !way.iter().all(|step| is_word(step))
        || !extension.eq_ignore_ascii_case("extension")
        || *version != "2.0"
        || *kind != "User"
    {
        return form();
    }
    if !is_word(name) || !name.starts_with(|first: char| first.is_ascii_alphabetic()) || name.contains('.') {
        return definition_error(
            "id",
            "needs a `<name>` that begins with a letter and has only letters, digits, `-` and `_`",
        );
    }
    if name.len() > LONGEST_NAME {
        return definition_error(
            "id",
            format!("has a `<name>` of {} characters; {LONGEST_NAME} are the most", name.len()),
        );
    }
    if name.eq_ignore_ascii_case("enterprise") {
        return definition_error("id", format!("takes the name of the built-in `{ENTERPRISE_URN}`; choose another"));
    }
    Ok(name)
}

impl Attribute {
    /// Reads one attribute of an extension (RFC 7643 §7), with the defaults of §2.2.
    fn read(sent: &Value) -> Read<Self> {
        let Some(sent) = sent.as_object() else {
            return definition_error("attributes", "must be a list of JSON objects");
        };
        let name = attribute_name(sent)?;
        Self::read_named(sent, name.clone()).map_err(|fault| DefinitionError { attribute: Some(name), ..fault })
    }

    fn read_named(sent: &Map<String, Value>, name: String) -> Read<Self> {
        let kind = word(sent, "type")?.unwrap_or(Kind::String);
        if kind == Kind::Complex || member(sent, "subAttributes").is_some_and(|parts| !parts.is_null()) {
            return definition_error("type", "cannot be complex; give each part an attribute of its own");
        }
        let mutability = word(sent, "mutability")?.unwrap_or(Mutability::ReadWrite);
        let unsaid = if mutability == Mutability::WriteOnly { Returned::Never } else { Returned::Default };
        let attribute = Self {
            name: name.into(),
            kind,
            multi_valued: flag(sent, "multiValued")?,
            description: text(sent, "description", LONGEST_DESCRIPTION)?.unwrap_or_default().into(),
            required: flag(sent, "required")?,
            // RFC 7643 §2.3.6: binary is "case exact"; numbers, booleans and instants have no letter case.
            case_exact: kind == Kind::Binary || (kind.is_text() && flag(sent, "caseExact")?),
            mutability,
            returned: word(sent, "returned")?.unwrap_or(unsaid),
            uniqueness: word(sent, "uniqueness")?.unwrap_or(Uniqueness::None),
            canonical_values: texts(sent, "canonicalValues")?,
            reference_types: texts(sent, "referenceTypes")?,
            sub_attributes: Cow::Borrowed(&[]),
            published: true,
            always_assigned: false,
        };
        attribute.check_consistency()?;
        Ok(attribute)
    }

    /// Characteristics that contradict each other.
    fn check_consistency(&self) -> Read<()> {
        if self.mutability == Mutability::WriteOnly && self.returned != Returned::Never {
            return definition_error("returned", "must be `never` where `mutability` is `writeOnly`");
        }
        if self.required && self.mutability == Mutability::ReadOnly {
            return definition_error(
                "required",
                "cannot be true where `mutability` is `readOnly`: nobody could give a value",
            );
        }
        if self.required && self.is_secret() {
            return definition_error(
                "required",
                "cannot be true where `returned` is `never`: such values are not kept",
            );
        }
        match self.uniqueness {
            Uniqueness::Global => definition_error("uniqueness", "can be `none`, or `server`: within the tenant"),
            Uniqueness::Server if self.is_secret() => {
                definition_error("uniqueness", "must be `none` where `returned` is `never`: such values are not kept")
            }
            Uniqueness::Server if !matches!(self.kind, Kind::String | Kind::Integer | Kind::Reference) => {
                definition_error("uniqueness", "can be `server` only for the types `string`, `integer` and `reference`")
            }
            Uniqueness::None | Uniqueness::Server => Ok(()),
        }
    }

    /// Whether its values are checked and discarded, as passwords are, because nobody could read them.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.mutability == Mutability::WriteOnly || self.returned == Returned::Never
    }
}

impl Kind {
    /// Whether letter case can count.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Reference | Self::Binary)
    }
}

/// RFC 7643 §2.1: `ATTRNAME = ALPHA *(nameChar)`; `$` is left to the RFC's own names. The names of built-in attributes are
/// taken, so that a bare name means what it always meant.
fn attribute_name(sent: &Map<String, Value>) -> Read<String> {
    let name = text(sent, "name", LONGEST_NAME)?.unwrap_or_default();
    let refused =
        |why: &str| Err(DefinitionError { attribute: Some(name.clone()), field: "name", why: why.to_owned() });
    if !name.starts_with(|first: char| first.is_ascii_alphabetic())
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return refused("must begin with a letter and have only letters, digits, `-` and `_`");
    }
    let mut built_in = COMMON.iter().chain(&*USER.schema.attributes);
    let extensions = USER.extensions.iter().flat_map(|extension| &*extension.attributes);
    if built_in.any(|known| known.name.eq_ignore_ascii_case(&name))
        || extensions.into_iter().any(|known| known.name.eq_ignore_ascii_case(&name))
    {
        return refused("is the name of a built-in attribute; choose another");
    }
    Ok(name)
}

/// A text, trimmed; none where there is none, or an empty one.
fn text(sent: &Map<String, Value>, field: &'static str, longest: usize) -> Read<Option<String>> {
    let text = match member(sent, field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return definition_error(field, "must be a text"),
    };
    if text.chars().any(char::is_control) {
        return definition_error(field, "may not have control characters or line breaks in it");
    }
    match text.chars().count() {
        0 => Ok(None),
        length if length > longest => {
            definition_error(field, format!("has {length} characters; {longest} are the most"))
        }
        _ => Ok(Some(text.to_owned())),
    }
}

fn texts(sent: &Map<String, Value>, field: &'static str) -> Read<Cow<'static, [Cow<'static, str>]>> {
    let listed = match member(sent, field) {
        None | Some(Value::Null) => return Ok(Cow::Borrowed(&[])),
        Some(Value::Array(listed)) if listed.len() <= MAX_ATTRIBUTES => listed,
        Some(Value::Array(listed)) => {
            return definition_error(field, format!("has {} values; {MAX_ATTRIBUTES} are the most", listed.len()));
        }
        Some(_) => return definition_error(field, "must be a list of texts"),
    };
    let text = |value: &Value| {
        let text = value.as_str().filter(|text| text.chars().count() <= LONGEST_DESCRIPTION)?;
        Some(Cow::Owned(text.to_owned()))
    };
    let texts: Option<Vec<_>> = listed.iter().map(text).collect();
    texts.map_or_else(
        || definition_error(field, format!("must be a list of texts of at most {LONGEST_DESCRIPTION} characters")),
        |texts| Ok(texts.into()),
    )
}

fn flag(sent: &Map<String, Value>, field: &'static str) -> Read<bool> {
    match member(sent, field) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => definition_error(field, "must be true or false"),
    }
}

/// One of the words of RFC 7643 §7.
fn word<T: DeserializeOwned>(sent: &Map<String, Value>, field: &'static str) -> Read<Option<T>> {
    let value = match member(sent, field) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    serde_json::from_value(value.clone()).map(Some).or_else(|_| {
        let words = match field {
            "type" => "string, boolean, decimal, integer, dateTime, binary, reference",
            "mutability" => "readWrite, immutable, writeOnly, readOnly",
            "returned" => "always, default, request, never",
            _ => "none, server",
        };
        definition_error(field, format!("must be one of: {words}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{discovery::described_schema, schema::Types};
    use serde_json::json;

    fn schema(attribute: &Value) -> Value {
        json!({"id": urn_of("acme"), "attributes": [attribute]})
    }

    #[track_caller]
    fn check_refused(sent: &Value, words: &str) {
        let message = Schema::read(sent).expect_err("it is refused").to_string();
        assert!(message.contains(words), "{words}: {message}");
    }

    /// RFC 7643 §7, §2.2
    #[test]
    fn what_schemas_shows_can_be_read_back() {
        let sent = json!({"id": urn_of("acme"), "name": "Acme", "description": "Ours.", "attributes": [
            {"name": "badge", "type": "string", "required": true, "caseExact": true, "uniqueness": "server"},
            {"name": "floors", "type": "integer", "multiValued": true, "returned": "request"},
            {"name": "pin", "mutability": "writeOnly"},
            {"name": "joined", "type": "dateTime", "mutability": "immutable", "returned": "always"},
            {"name": "site", "type": "reference", "referenceTypes": ["external"], "canonicalValues": ["a", "b"]},
            {"name": "key", "type": "binary"},
        ]});
        let schema = Schema::read(&sent).unwrap();
        assert_eq!(Schema::read(&described_schema(&schema, "https://x")).as_ref(), Ok(&schema));
        assert!(schema.is_required());
        assert_eq!(schema.attribute("pin").unwrap().returned, Returned::Never);
        assert!(schema.attribute("key").unwrap().case_exact);
        let types = Types::extended(1, vec![schema.clone()]);
        assert_eq!(types.own(), [schema]);
        assert!(Types::built_in().own().is_empty());
    }

    #[test]
    fn urns_have_the_form_of_the_rfc() {
        for id in [
            urn_of("acme"),
            "urn:example:extension:Acme_1-b:2.0:User".into(),
            "URN:x-y:a.b:extension:c:2.0:User".into(),
        ] {
            assert!(Schema::read(&json!({"id": id})).is_ok(), "{id}");
        }
        for id in [
            "",
            "acme",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:x:extension:acme:2.0:User",
            "urn:example:extension:acme:2.0:Group",
            "urn:example:extension:acme:1.0:User",
            "urn:example:extension:a b:2.0:User",
            "urn:example:extension:1a:2.0:User",
            "urn:example:extension::2.0:User",
            "urn:exa\"mple:extension:a:2.0:User",
            "urn:example:extension:a:2.0:User:x",
            "urn:example:extension:Enterprise:2.0:User",
        ] {
            assert!(Schema::read(&json!({"id": id})).is_err(), "{id}");
        }
        check_refused(&json!({"id": urn_of(&"a".repeat(61))}), "60 are the most");
        check_refused(
            &json!({"id": format!("urn:example:{}:extension:a:2.0:User", "b".repeat(190))}),
            "200 are the most",
        );
        check_refused(&json!({"id": ENTERPRISE_URN}), "built-in");
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        for (attribute, words) in [
            (json!({}), "`name` must begin"),
            (json!({"name": "1a"}), "`name` must begin"),
            (json!({"name": "a$"}), "`name` must begin"),
            (json!({"name": "a".repeat(61)}), "60 are the most"),
            (json!({"name": "USERNAME"}), "built-in"),
            (json!({"name": "department"}), "built-in"),
            (json!({"name": "schemas"}), "built-in"),
            (json!({"name": "a", "type": "text"}), "must be one of: string"),
            (json!({"name": "a", "type": "complex"}), "cannot be complex"),
            (json!({"name": "a", "subAttributes": []}), "cannot be complex"),
            (json!({"name": "a", "required": "yes"}), "true or false"),
            (json!({"name": "a", "mutability": "never"}), "must be one of: readWrite"),
            (json!({"name": "a", "returned": "sometimes"}), "must be one of: always"),
            (json!({"name": "a", "uniqueness": "global"}), "within the tenant"),
            (json!({"name": "a", "uniqueness": "server", "type": "boolean"}), "only for the types"),
            (json!({"name": "a", "uniqueness": "server", "returned": "never"}), "not kept"),
            (json!({"name": "a", "mutability": "writeOnly", "returned": "default"}), "must be `never`"),
            (json!({"name": "a", "mutability": "readOnly", "required": true}), "nobody"),
            (json!({"name": "a", "mutability": "writeOnly", "required": true}), "not kept"),
            (json!({"name": "a", "description": "x".repeat(501)}), "500 are the most"),
            (json!({"name": "a", "description": "x\ny"}), "line breaks"),
            (json!({"name": "a", "canonicalValues": [1]}), "list of texts"),
            (json!("a"), "list of JSON objects"),
        ] {
            check_refused(&schema(&attribute), words);
        }
        let many: Vec<_> = (0..51).map(|number| json!({"name": format!("a{number}")})).collect();
        check_refused(&json!({"id": urn_of("acme"), "attributes": many}), "50 are the most");
        check_refused(&json!({"id": urn_of("acme"), "attributes": [{"name": "a"}, {"name": "A"}]}), "twice");
        check_refused(&json!([]), "JSON object");
    }
}
