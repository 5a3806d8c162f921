//! Changes of the tenant's custom schemas, through the same functions as the command line. On the server only; a child
//! of `caller`.

use serde_json::{Value, json};

use super::Admin;
use crate::{
    directory::schemas::{self, DataLoss, SchemaError},
    model::schema::SchemaConflict,
    portal::{
        api::schemas::{AttributeForm, SchemaView},
        error::PortalError,
    },
    scim::{
        discovery::described_schema,
        schema::{
            Schema,
            definition::{DefinitionError, urn_of},
        },
    },
};

impl Admin {
    /// One of the tenant's custom schemas.
    pub async fn schema(&self, urn: &str) -> Result<Schema, PortalError> {
        Ok(schemas::named(&*self.types().await?, urn)?.clone())
    }

    /// Creates a schema without attributes and returns its URN.
    pub async fn create_schema(&self, name: &str, description: &str) -> Result<String, PortalError> {
        let sent = json!({"id": urn_of(name), "name": name, "description": description});
        let schema = Schema::read(&sent).map_err(|fault| {
            let field = if fault.field == "description" { "description" } else { "name" };
            PortalError::invalid_field(field, sentence(&fault))
        })?;
        if self.types().await?.own().iter().any(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
            return Err(PortalError::invalid_field("name", "A schema with this name already exists."));
        }
        self.set(&schema, DataLoss::Refused).await?;
        Ok(schema.id.into_owned())
    }

    /// Adds an attribute, or changes the one with this former name. Characteristics that the form does not have stay.
    pub async fn save_attribute(&self, urn: &str, was: &str, form: &AttributeForm) -> Result<String, PortalError> {
        let schema = self.schema(urn).await?;
        let is = |attribute: &Value, name: &str| {
            attribute["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name))
        };
        let mut described = described_schema(&schema, "");
        let attributes = described["attributes"].as_array_mut().ok_or_else(|| PortalError::not_found("schema"))?;
        let form_values = serde_json::to_value(form).unwrap_or_default();
        let name_exists = attributes.iter().any(|known| is(known, form.name.trim()));
        match attributes.iter_mut().find(|known| is(known, was)) {
            Some(Value::Object(known)) if was.eq_ignore_ascii_case(form.name.trim()) => {
                known.extend(form_values.as_object().cloned().unwrap_or_default());
            }
            Some(_) => {
                return Err(PortalError::invalid_field(
                    "attribute[name]",
                    "The name cannot be changed, because stored values use it.",
                ));
            }
            None if !was.is_empty() => return Err(PortalError::not_found("attribute")),
            None if name_exists => {
                return Err(PortalError::invalid_field(
                    "attribute[name]",
                    "An attribute with this name already exists.",
                ));
            }
            None => attributes.push(form_values),
        }
        let changed = Schema::read(&described).map_err(|fault| of_attribute(&fault))?;
        self.set(&changed, DataLoss::Refused).await?;
        Ok(schema.id.into_owned())
    }

    /// Deletes an attribute and its values.
    pub async fn delete_attribute(&self, urn: &str, attribute: &str) -> Result<String, PortalError> {
        let mut schema = self.schema(urn).await?;
        let count = schema.attributes.len();
        schema.attributes.to_mut().retain(|known| !known.name.eq_ignore_ascii_case(attribute));
        if schema.attributes.len() == count {
            return Err(PortalError::not_found("attribute"));
        }
        self.set(&schema, DataLoss::Accepted).await?;
        Ok(schema.id.into_owned())
    }

    /// Deletes a schema and all values of its attributes.
    pub async fn delete_schema(&self, urn: &str) -> Result<(), PortalError> {
        let schema = self.schema(urn).await?;
        let entry = self.journal_entry(&schema.id, String::new());
        schemas::delete(self.store(), self.tenant, &schema.id, DataLoss::Accepted, &entry).await?;
        Ok(())
    }

    async fn set(&self, schema: &Schema, loss: DataLoss) -> Result<(), PortalError> {
        let entry = self.journal_entry(&schema.id, String::new());
        schemas::set(self.store(), self.tenant, schema, loss, &entry).await?;
        Ok(())
    }
}

/// A schema as the portal shows it. `users` is for the caller to fill in.
#[must_use]
pub fn schema_view(schema: &Schema) -> SchemaView {
    let described = described_schema(schema, "");
    SchemaView {
        urn: schema.id.to_string(),
        name: schema.name.to_string(),
        description: schema.description.to_string(),
        attributes: serde_json::from_value(described["attributes"].clone()).unwrap_or_default(),
        users: 0,
    }
}

impl From<SchemaError> for PortalError {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Definition(fault) => of_attribute(&fault),
            SchemaError::Unknown(_) => Self::not_found("schema"),
            SchemaError::TooMany => Self::conflict(capital(&error.to_string())),
            SchemaError::InTheWay(conflict) => {
                let field = match conflict {
                    SchemaConflict::Lacking { .. } => "attribute[required]",
                    SchemaConflict::Shared { .. } => "attribute[uniqueness]",
                    SchemaConflict::Held { .. } | SchemaConflict::Deleted { .. } => "attribute[type]",
                };
                Self::invalid_field(field, capital(&conflict.to_string()))
            }
            SchemaError::Store(error) => error.into(),
        }
    }
}

/// The error beside the field that it is about.
fn of_attribute(fault: &DefinitionError) -> PortalError {
    PortalError::invalid_field(&format!("attribute[{}]", fault.field), sentence(fault))
}

/// The error as a sentence. It does not name its field, beside which it is shown.
fn sentence(fault: &DefinitionError) -> String {
    let why = match fault.field {
        "id" => fault.why.replace("a `<name>`", "a name").replace("`<name>`", "name"),
        _ => fault.why.clone(),
    };
    format!("This {}.", why.replace('`', "\""))
}

fn capital(text: &str) -> String {
    let text = text.replace('`', "\"");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>() + ".").unwrap_or_default()
}
