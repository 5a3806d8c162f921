//! The one door for changes to the extension schemas that a tenant defines itself, for the portal and the command line.
//! What a change does to users who hold values is decided here and done by the store, in the same transaction.

use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::schema::SchemaConflict;
use crate::scim::schema::definition::{DefinitionError, MAX_SCHEMAS};
use crate::scim::schema::{Attribute, Schema, Types};
use crate::store::{SchemaChange, Store, StoreError};

/// How often a change is worked out anew after another came in between.
const ATTEMPTS: u32 = 5;

/// Whether users may lose values of what is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataLoss {
    /// Then nothing is changed, and the refusal says how many they are.
    Refused,
    /// Somebody was asked and said yes.
    Accepted,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was so before.
    Nothing,
    /// Done; so many users lost values.
    Done {
        /// How many.
        lost: u64,
    },
}

/// Why a schema was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The definition is at fault.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// There are as many as there may be.
    #[error("there are {MAX_SCHEMAS} schemas already, which is the most; delete one first")]
    TooMany,
    /// There is none of that name.
    #[error("there is no schema {0:?}")]
    Unknown(String),
    /// Users hold values that do not go together with it.
    #[error(transparent)]
    InTheWay(SchemaConflict),
    /// The store is at fault.
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

/// Defines a schema, or changes the one with this URN. Names that are there already keep their spelling. `entry` tells
/// who does it; what was done is added to it.
///
/// # Errors
/// When there are too many, users hold values that do not go with it, or the store fails.
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

/// Deletes a schema and the values that users hold of it. `urn` may be its name alone.
///
/// # Errors
/// When there is none, users hold values and may not lose them, or the store fails.
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

/// The tenant's own schema with this URN, or with this name in its URN.
///
/// # Errors
/// When there is none.
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

/// Names are the same in any letter case, and stored values bear the one that was first.
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
