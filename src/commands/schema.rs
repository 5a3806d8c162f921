//! `schema list`, `show`, `set` and `delete`.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    commands::{
        CommandResult, Failure,
        open::{Data, open_existing},
        print_line,
        token::TenantArgs,
    },
    directory::schemas::{self, Changed, DataLoss, SchemaError},
    model::{schema::SchemaConflict, tenant::Tenant},
    scim::{discovery::described_schema, schema::Schema},
};

/// The subcommands of `schema`.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// List the tenant's custom schemas
    List(TenantArgs),
    /// Print a schema as JSON, in the form that `set` reads
    Show(ShowArgs),
    /// Define a schema, or change the one with the same URN, from a JSON file as in RFC 7643, section 7
    Set(SetArgs),
    /// Delete a schema
    Delete(DeleteArgs),
}

/// The schema to print.
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The URN, or the name in the URN
    urn: String,
}

/// The schema to define.
#[derive(Debug, Args)]
pub struct SetArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The file; `-` is standard input
    file: PathBuf,
    /// Also delete users' values of attributes that are removed
    #[arg(long)]
    delete_values: bool,
}

/// The schema to delete.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The URN, or the name in the URN
    urn: String,
    /// Also delete users' values
    #[arg(long)]
    delete_values: bool,
}

/// Runs the subcommand.
pub async fn run(command: SchemaCommand) -> CommandResult {
    let tenant_args = match &command {
        SchemaCommand::List(tenant_args) => tenant_args,
        SchemaCommand::Show(args) => &args.tenant,
        SchemaCommand::Set(args) => &args.tenant,
        SchemaCommand::Delete(args) => &args.tenant,
    };
    let data = open_existing(&tenant_args.data.data_dir).await?;
    let tenant = data.tenant(tenant_args.tenant.as_deref()).await?;
    match &command {
        SchemaCommand::List(_) => list(&data, &tenant).await?,
        SchemaCommand::Show(args) => show(&data, &tenant, &args.urn).await?,
        SchemaCommand::Set(args) => set(&data, &tenant, args).await?,
        SchemaCommand::Delete(args) => delete(&data, &tenant, args).await?,
    }
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(data: &Data, tenant: &Tenant) -> Result<(), Failure> {
    print_line(format!("{:>10}  URN", "ATTRIBUTES"))?;
    for schema in data.store.current_types(tenant.id).await?.own() {
        print_line(format!("{:>10}  {}", schema.attributes.len(), schema.id))?;
    }
    Ok(())
}

async fn show(data: &Data, tenant: &Tenant, urn: &str) -> Result<(), Failure> {
    let types = data.store.current_types(tenant.id).await?;
    let mut described = described_schema(schemas::named(&types, urn).map_err(|error| schema_failure(&error))?, "");
    // The location depends on the server's public URL, which is not known here.
    described.as_object_mut().map(|members| members.shift_remove("meta"));
    print_line(format!("{described:#}"))
}

async fn set(data: &Data, tenant: &Tenant, args: &SetArgs) -> Result<(), Failure> {
    let schema = Schema::read(&read(&args.file)?)?;
    let entry = data.entry(&schema.id, "schema set", String::new());
    let changed = schemas::set(&data.store, tenant.id, &schema, loss(args.delete_values), &entry).await;
    match changed.map_err(|error| schema_failure(&error))? {
        Changed::Nothing => print_line(format!("{} has not changed", schema.id)),
        Changed::Done { lost: 0 } => print_line(format!("Set {}", schema.id)),
        Changed::Done { lost } => print_line(format!("Set {}; users who lost values: {lost}", schema.id)),
    }
}

async fn delete(data: &Data, tenant: &Tenant, args: &DeleteArgs) -> Result<(), Failure> {
    let types = data.store.current_types(tenant.id).await?;
    let urn = schemas::named(&types, &args.urn).map_err(|error| schema_failure(&error))?.id.to_string();
    let entry = data.entry(&urn, "schema delete", String::new());
    let changed = schemas::delete(&data.store, tenant.id, &urn, loss(args.delete_values), &entry).await;
    match changed.map_err(|error| schema_failure(&error))? {
        Changed::Nothing | Changed::Done { lost: 0 } => print_line(format!("Deleted {urn}")),
        Changed::Done { lost } => print_line(format!("Deleted {urn}; users who lost values: {lost}")),
    }
}

const fn loss(accepted: bool) -> DataLoss {
    if accepted { DataLoss::Accepted } else { DataLoss::Refused }
}

fn schema_failure(error: &SchemaError) -> Failure {
    let advice = match error {
        SchemaError::InTheWay(SchemaConflict::Deleted { .. }) => "; with --delete-values they are deleted too",
        SchemaError::Unknown(_) => "; `rollcall schema list` shows them",
        _ => "",
    };
    Failure::new(format!("{error}{advice}"))
}

fn read(file: &Path) -> Result<Value, Failure> {
    let shown = file.display();
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let text = read.map_err(|error| Failure::new(format!("{shown} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("{shown} is not JSON: {error}")))
}
