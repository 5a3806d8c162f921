//! `tenant create` and `tenant list`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::{
    commands::{
        CommandResult, Failure, format_minute,
        open::{Data, open_existing, open_or_create},
        print_line,
    },
    config::DataArgs,
    model::id::TenantId,
};

/// Most characters of a tenant's name, as on the set-up page.
const MAX_NAME_LENGTH: usize = 120;

/// The subcommands of `tenant`.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Create a tenant: another company with its own users, groups, tokens and administrators
    ///
    /// Then create its first administrator with `rollcall admin create --tenant NAME --email ADDRESS`.
    Create(CreateArgs),
    /// List tenants with their ids
    List(ListArgs),
}

/// The tenant to create.
#[derive(Debug, Args)]
pub struct CreateArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name of the company
    #[arg(long)]
    name: String,
}

/// The data folder.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the subcommand.
pub async fn run(command: TenantCommand) -> CommandResult {
    let data = match command {
        TenantCommand::Create(args) => {
            let data = open_or_create(&args.data.data_dir).await?;
            create(&data, &args.name).await?;
            data
        }
        TenantCommand::List(args) => {
            let data = open_existing(&args.data.data_dir).await?;
            list(&data).await?;
            data
        }
    };
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn create(data: &Data, name: &str) -> Result<(), Failure> {
    let name = validated_name(name)?;
    // `--tenant NAME` must be unambiguous. The database has no unique index on names: nothing else relies on it.
    if data.store.tenants().await?.iter().any(|tenant| tenant.name == name) {
        return Err(Failure::new(format!("there is already a tenant {name:?}")));
    }
    let tenant = data.store.create_tenant(name, data.clock.now()).await?;
    let entry = data.entry(&tenant.name, "tenant create", "The tenant was created.".to_owned());
    data.store.append(tenant.id, &entry).await?;
    print_line(format!("Created the tenant {} (id {})", tenant.name, tenant.id))
}

fn validated_name(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    let refused = |why: &str| Err(Failure::new(format!("the tenant's name {why}")));
    match name.chars().count() {
        0 => refused("is empty"),
        length if length > MAX_NAME_LENGTH => refused(&format!("has more than {MAX_NAME_LENGTH} characters")),
        _ if name.contains(char::is_control) => refused("contains control characters"),
        _ if name.parse::<TenantId>().is_ok() => refused("is a number, which would be read as an id"),
        _ => Ok(name),
    }
}

async fn list(data: &Data) -> Result<(), Failure> {
    print_line(format!("{:>6}  {:17}  NAME", "ID", "CREATED"))?;
    for tenant in data.store.tenants().await? {
        print_line(format!("{:>6}  {:17}  {}", tenant.id.to_string(), format_minute(tenant.created), tenant.name))?;
    }
    Ok(())
}
