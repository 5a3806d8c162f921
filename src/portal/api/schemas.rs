//! Custom attributes: the extension schemas that a tenant defines.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    portal::error::PortalError,
    scim::schema::{Kind, Mutability, Returned, Uniqueness},
};

/// The path of the page that lists them.
pub const CUSTOM_ATTRIBUTES_PAGE: &str = "/settings/attributes";

/// An extension schema as the portal shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaView {
    /// The URN.
    pub urn: String,
    /// The short name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its attributes.
    pub attributes: Vec<AttributeForm>,
    /// How many users have a value for any of its attributes; 0 in lists.
    pub users: u64,
}

/// An attribute as it is edited and shown, with the names of RFC 7643 §7.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeForm {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it can have several values.
    pub multi_valued: bool,
    /// Whether every user must have it.
    pub required: bool,
    /// Whether comparisons are case-sensitive.
    pub case_exact: bool,
    /// Whether and how often clients may change it.
    pub mutability: Mutability,
    /// When responses contain it.
    pub returned: Returned,
    /// Whether values must be unique among users.
    pub uniqueness: Uniqueness,
}

impl Default for AttributeForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            kind: Kind::String,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
        }
    }
}

impl SchemaView {
    /// The path of one of its attributes, as an attribute mapping needs it.
    #[must_use]
    pub fn attribute_path(&self, attribute: &str) -> String {
        format!("{}:{attribute}", self.urn)
    }

    /// The path of its page.
    #[must_use]
    pub fn page_path(&self) -> String {
        schema_page(&self.urn)
    }
}

/// The path of the page of the schema with this URN.
#[must_use]
pub fn schema_page(urn: &str) -> String {
    format!("{CUSTOM_ATTRIBUTES_PAGE}/{urn}")
}

/// All custom schemas of the tenant.
#[server(prefix = "/api", endpoint = "schemas")]
pub async fn read_schemas() -> Result<Vec<SchemaView>, PortalError> {
    let admin = super::caller::admin().await?;
    Ok(admin.types().await?.own().iter().map(super::caller::schema_view).collect())
}

/// One custom schema.
#[server(prefix = "/api", endpoint = "schema")]
pub async fn read_schema(urn: String) -> Result<SchemaView, PortalError> {
    let admin = super::caller::admin().await?;
    let schema = admin.schema(&urn).await?;
    let users = admin.store().users_with_values(admin.tenant, &schema, &schema.attributes).await?;
    Ok(SchemaView { users, ..super::caller::schema_view(&schema) })
}

/// How many users have a value for an attribute.
#[server(prefix = "/api", endpoint = "attribute-holders")]
pub async fn count_users_with_value(urn: String, name: String) -> Result<u64, PortalError> {
    let admin = super::caller::admin().await?;
    let schema = admin.schema(&urn).await?;
    let attribute = schema.attribute(&name).ok_or_else(|| PortalError::not_found("attribute"))?;
    Ok(admin.store().users_with_values(admin.tenant, &schema, std::slice::from_ref(attribute)).await?)
}

/// Creates a schema without attributes.
#[server(prefix = "/api", endpoint = "create-schema")]
pub async fn create_schema(name: String, #[server(default)] description: String) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let urn = admin.create_schema(name.trim(), &description).await?;
    super::caller::redirect(&schema_page(&urn));
    Ok(())
}

/// Adds an attribute to a schema, or changes the one named `was`.
#[server(prefix = "/api", endpoint = "save-attribute")]
pub async fn save_attribute(
    urn: String,
    #[server(default)] was: String,
    attribute: AttributeForm,
) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let urn = admin.save_attribute(&urn, &was, &attribute).await?;
    super::caller::redirect(&schema_page(&urn));
    Ok(())
}

/// Deletes an attribute and its values.
#[server(prefix = "/api", endpoint = "delete-attribute")]
pub async fn delete_attribute(urn: String, name: String) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let urn = admin.delete_attribute(&urn, &name).await?;
    super::caller::redirect(&schema_page(&urn));
    Ok(())
}

/// Deletes a schema and all values of its attributes.
#[server(prefix = "/api", endpoint = "delete-schema")]
pub async fn delete_schema(urn: String) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    admin.delete_schema(&urn).await?;
    super::caller::redirect(CUSTOM_ATTRIBUTES_PAGE);
    Ok(())
}
