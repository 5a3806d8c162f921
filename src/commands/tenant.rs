//! `tenant create` and `list`.

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

/// The most characters in a tenant's name, as on the page of the first start.
const MAX_NAME_LENGTH: usize = 120;

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Make a tenant: a further company with users, groups, tokens and administrators of its own
    ///
    /// Then make its first administrator with `rollcall admin create --tenant NAME --email ADDRESS`.
    Create(CreateArgs),
    /// List tenants with their ids
    List(ListArgs),
}

/// The tenant to make.
#[derive(Debug, Args)]
pub struct CreateArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name of the company
    #[arg(long)]
    name: String,
}

/// Where to look.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Does it.
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
    // `--tenant NAME` has to mean one of them. Names are not unique in the database: nothing else relies on it.
    if data.store.tenants().await?.iter().any(|tenant| tenant.name == name) {
        return Err(Failure::new(format!("there is a tenant {name:?} already")));
    }
    let tenant = data.store.create_tenant(name, data.clock.now()).await?;
    let entry = data.entry(&tenant.name, "tenant create", "Made the tenant.".to_owned());
    data.store.append(tenant.id, &entry).await?;
    print_line(format!("Made the tenant {} (id {})", tenant.name, tenant.id))
}

fn validated_name(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    let refused = |why: &str| Err(Failure::new(format!("the tenant's name {why}")));
    match name.chars().count() {
        0 => refused("is empty"),
        length if length > MAX_NAME_LENGTH => refused(&format!("has more than {MAX_NAME_LENGTH} characters")),
        _ if name.contains(char::is_control) => refused("has control characters in it"),
        _ if name.parse::<TenantId>().is_ok() => refused("is a number, and would be taken for an id"),
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
