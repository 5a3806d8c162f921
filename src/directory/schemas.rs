//! The only write path for a tenant's custom schemas, for the portal and the command line. What a change does to stored values
//! is decided here and done by the store, in the same transaction.

use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::schema::SchemaConflict;
use crate::scim::schema::definition::{DefinitionError, MAX_SCHEMAS};
use crate::scim::schema::{Attribute, Schema, Types};
use crate::store::{SchemaChange, Store, StoreError};

/// How often a change is tried after conflicting changes.
const ATTEMPTS: u32 = 5;

/// Whether stored values of deleted attributes may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataLoss {
    /// No: the change is rejected, with the number of users who have values.
    Refused,
    /// Yes: the administrator has confirmed it.
    Accepted,
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Nothing was different.
    Nothing,
    /// The change was made.
    Done {
        /// How many users lost values.
        lost: u64,
    },
}

/// Why a schema was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The definition is invalid.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The limit is reached.
    #[error("there are {MAX_SCHEMAS} schemas already, which is the limit; delete one first")]
    TooMany,
    /// No schema has that name.
    #[error("there is no schema {0:?}")]
    Unknown(String),
    /// Stored values conflict with the change.
    #[error(transparent)]
    InTheWay(SchemaConflict),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for SchemaError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SchemaInUse(conflict) => Self::InTheWay(conflict),
            other => Self::Store(other),
        }
    }
}

/// Defines a schema, or changes the one with this URN. Existing names keep their spelling. `entry` has the caller; the change is
/// added to it.
///
/// # Errors
/// When there are too many schemas, stored values conflict with the change, or the store fails.
pub async fn set(
    store: &Store,
    tenant: TenantId,
    schema: &Schema,
    loss: DataLoss,
    entry: &NewEntry,
) -> Result<Changed, SchemaError> {
    change(store, tenant, loss, entry, |types| {
        let before = own(types, &schema.id).cloned();
        if before.is_none() && types.own().len() >= MAX_SCHEMAS {
            return Err(SchemaError::TooMany);
        }
        let after = before.as_ref().map_or_else(|| schema.clone(), |before| spelt_as(before, schema.clone()));
        let told = before.as_ref().map_or_else(
            || format!("Defined the schema {}{}.", after.id, listed(": ", &after.attributes)),
            |before| format!("Changed the schema {}{}.", after.id, differences(before, &after)),
        );
        Ok((before, Some(after), told))
    })
    .await
}

/// Deletes a schema and the stored values of its attributes. `urn` may be its name alone.
///
/// # Errors
/// When there is no such schema, users have values that may not be deleted, or the store fails.
pub async fn delete(
    store: &Store,
    tenant: TenantId,
    urn: &str,
    loss: DataLoss,
    entry: &NewEntry,
) -> Result<Changed, SchemaError> {
    change(store, tenant, loss, entry, |types| {
        let before = named(types, urn)?.clone();
        let told = format!("Deleted the schema {}.", before.id);
        Ok((Some(before), None, told))
    })
    .await
}

/// The custom schema with this URN, or with this name in its URN.
///
/// # Errors
/// When there is no such schema.
pub fn named<'t>(types: &'t Types, urn: &str) -> Result<&'t Schema, SchemaError> {
    let by_name = || {
        let end = format!(":extension:{urn}:2.0:User").to_ascii_lowercase();
        let mut found = types.own().iter().filter(|schema| schema.id.to_ascii_lowercase().ends_with(&end));
        found.next().filter(|_| found.next().is_none())
    };
    own(types, urn).or_else(by_name).ok_or_else(|| SchemaError::Unknown(urn.to_owned()))
}

type Plan = (Option<Schema>, Option<Schema>, String);

async fn change(
    store: &Store,
    tenant: TenantId,
    loss: DataLoss,
    entry: &NewEntry,
    plan: impl Fn(&Types) -> Result<Plan, SchemaError>,
) -> Result<Changed, SchemaError> {
    let mut attempts = 0;
    loop {
        let types = store.current_types(tenant).await?;
        let (before, after, told) = plan(&types)?;
        if before == after {
            return Ok(Changed::Nothing);
        }
        let loses_values = loss == DataLoss::Accepted;
        let change = SchemaChange { expected_version: types.version(), before, after, loses_values };
        let entry = NewEntry { detail: Some(told), ..entry.clone() };
        attempts += 1;
        match store.change_schema(tenant, &change, &entry).await {
            Ok(users) => return Ok(Changed::Done { lost: users }),
            Err(StoreError::SchemasChanged) if attempts < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn own<'t>(types: &'t Types, urn: &str) -> Option<&'t Schema> {
    types.own().iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
}

/// Names are case-insensitive, and stored values use the first spelling.
fn spelt_as(before: &Schema, mut after: Schema) -> Schema {
    after.id.clone_from(&before.id);
    for attribute in after.attributes.to_mut() {
        if let Some(known) = before.attribute(&attribute.name) {
            attribute.name.clone_from(&known.name);
        }
    }
    after
}

fn differences(before: &Schema, after: &Schema) -> String {
    let of = |schema: &Schema, wanted: &dyn Fn(&Attribute) -> bool| -> Vec<Attribute> {
        schema.attributes.iter().filter(|attribute| wanted(attribute)).cloned().collect()
    };
    let added = of(after, &|it| before.attribute(&it.name).is_none());
    let changed = of(after, &|it| before.attribute(&it.name).is_some_and(|old| old != it));
    let deleted = of(before, &|it| after.attribute(&it.name).is_none());
    [("; added ", added), ("; changed ", changed), ("; deleted ", deleted)]
        .iter()
        .map(|(word, attributes)| listed(word, attributes))
        .collect()
}

fn listed(word: &str, attributes: &[Attribute]) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = attributes.iter().map(|attribute| &*attribute.name).collect();
    format!("{word}{}", names.join(", "))
}
