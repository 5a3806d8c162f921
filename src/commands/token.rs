//! `token create`, `list`, `rotate` and `revoke`.

use std::{process::ExitCode, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};

use crate::{
    auth::token::PlainToken,
    commands::{
        CommandResult, Failure, format_minute,
        open::{Data, open_existing},
        print_line,
    },
    config::DataArgs,
    model::{
        id::TokenId,
        tenant::Tenant,
        token::{Lifetime, Overlap, Token, TokenAction, TokenState, checked_name},
    },
    scim::time::DateTime,
    store::NewToken,
};

/// The subcommands of `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print only its secret to standard output
    Create(CreateArgs),
    /// List tokens; their secrets are not stored
    List(TenantArgs),
    /// Replace a token by a new one and print only the new secret to standard output
    Rotate(RotateArgs),
    /// Revoke a token; it is refused from the next request on
    Revoke(RevokeArgs),
}

/// The tenant that a command works on.
#[derive(Debug, Args)]
pub struct TenantArgs {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// Id or name of the tenant, if there are several
    #[arg(long, env = "ROLLCALL_TENANT")]
    pub(super) tenant: Option<String>,
}

/// The token to create.
#[derive(Debug, Args)]
pub struct CreateArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The token's name in lists and logs
    #[arg(long)]
    name: String,
    /// How long the token is valid
    #[arg(long, value_enum, default_value_t = LifetimeArg::Year1, value_name = "TIME")]
    expires: LifetimeArg,
}

/// The token to rotate.
#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The token's id, from `token list`
    id: String,
    /// How long the old token remains valid
    #[arg(long, value_enum, default_value_t = OverlapArg::Hours24, value_name = "TIME")]
    overlap: OverlapArg,
    /// How long the new token is valid
    #[arg(long, value_enum, default_value_t = LifetimeArg::Year1, value_name = "TIME")]
    expires: LifetimeArg,
}

/// The token to revoke.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    tenant: TenantArgs,
    /// The token's id, from `token list`
    #[arg(required_unless_present = "all")]
    id: Option<String>,
    /// All tokens of the tenant; works even if the installation's key is lost
    #[arg(long, conflicts_with = "id")]
    all: bool,
}

/// [`Lifetime`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LifetimeArg {
    #[value(name = "30d")]
    Days30,
    #[value(name = "90d")]
    Days90,
    #[value(name = "180d")]
    Days180,
    #[value(name = "1y")]
    Year1,
    #[value(name = "2y")]
    Years2,
    #[value(name = "never")]
    Never,
}

/// [`Overlap`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OverlapArg {
    #[value(name = "none")]
    None,
    #[value(name = "1h")]
    Hour1,
    #[value(name = "24h")]
    Hours24,
    #[value(name = "7d")]
    Days7,
}

/// Runs the subcommand.
pub async fn run(command: TokenCommand) -> CommandResult {
    let tenant_args = match &command {
        TokenCommand::Create(args) => &args.tenant,
        TokenCommand::List(tenant_args) => tenant_args,
        TokenCommand::Rotate(args) => &args.tenant,
        TokenCommand::Revoke(args) => &args.tenant,
    };
    let data = open_existing(&tenant_args.data.data_dir).await?;
    let tenant = data.tenant(tenant_args.tenant.as_deref()).await?;
    match &command {
        TokenCommand::Create(args) => {
            let secret = create(&data, &tenant, &args.name, args.expires.into()).await?;
            print_line(secret.reveal())?;
        }
        TokenCommand::List(_) => list(&data, &tenant).await?,
        TokenCommand::Rotate(args) => rotate(&data, &tenant, args).await?,
        TokenCommand::Revoke(args) => revoke(&data, &tenant, args).await?,
    }
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Creates a token and returns its secret.
///
/// # Errors
/// When the name is invalid, the key is lost or the store fails.
pub async fn create(data: &Data, tenant: &Tenant, name: &str, lifetime: Lifetime) -> Result<PlainToken, Failure> {
    let (secret, new) = new_token(data, name, lifetime).await?;
    let entry = data.entry(&new.name, "token create", TokenAction::Created.sentence(&new.name));
    data.store.create_token(tenant.id, &new, &entry, data.clock.now()).await?;
    Ok(secret)
}

async fn list(data: &Data, tenant: &Tenant) -> Result<(), Failure> {
    let now = data.clock.now();
    print_line(format!("{:36}  {:12}  {:17}  {:17}  {:17}  NAME", "ID", "STATE", "CREATED", "LAST USED", "EXPIRES"))?;
    for token in data.store.tokens(tenant.id).await? {
        let time = |time: Option<DateTime>| time.map_or_else(|| "never".to_owned(), format_minute);
        let (last_used, expires) = (time(token.last_used), time(token.expires));
        let Token { id, name, created, .. } = &token;
        let state = state_label(token.state(now));
        print_line(format!("{id}  {state:12}  {:17}  {last_used:17}  {expires:17}  {name}", format_minute(*created)))?;
    }
    Ok(())
}

async fn rotate(data: &Data, tenant: &Tenant, args: &RotateArgs) -> Result<(), Failure> {
    let old = find(data, tenant, &args.id).await?;
    let (secret, new) = new_token(data, &old.name, args.expires.into()).await?;
    let now = data.clock.now();
    let overlap = Overlap::from(args.overlap);
    let entry = data.entry(&old.name, "token rotate", TokenAction::Rotated(overlap).sentence(&old.name));
    if !data.store.rotate_token(tenant.id, old.id, &new, &entry, overlap.end(now), now).await? {
        return Err(Failure::new(format!("the token {} is revoked or was already rotated", old.id)));
    }
    print_line(secret.reveal())
}

async fn revoke(data: &Data, tenant: &Tenant, args: &RevokeArgs) -> Result<(), Failure> {
    let Some(id) = &args.id else { return revoke_all(data, tenant).await };
    let token = find(data, tenant, id).await?;
    if !revoke_token(data, tenant, &token).await? {
        return Err(Failure::new(format!("the token {} was already revoked", token.id)));
    }
    print_line(format!("Revoked {} ({})", token.id, token.name))
}

async fn revoke_all(data: &Data, tenant: &Tenant) -> Result<(), Failure> {
    let mut count = 0;
    for token in data.store.tokens(tenant.id).await? {
        count += u32::from(revoke_token(data, tenant, &token).await?);
    }
    print_line(format!("Revoked {count} tokens of {}", tenant.name))
}

async fn revoke_token(data: &Data, tenant: &Tenant, token: &Token) -> Result<bool, Failure> {
    let entry = data.entry(&token.name, "token revoke", TokenAction::Revoked.sentence(&token.name));
    Ok(data.store.revoke_token(tenant.id, token.id, &entry, data.clock.now()).await?)
}

async fn find(data: &Data, tenant: &Tenant, id: &str) -> Result<Token, Failure> {
    let unknown = || Failure::new(format!("there is no token {id:?}; `rollcall token list` shows their ids"));
    let wanted = TokenId::from_str(id).map_err(|_| unknown())?;
    data.store.tokens(tenant.id).await?.into_iter().find(|token| token.id == wanted).ok_or_else(unknown)
}

async fn new_token(data: &Data, name: &str, lifetime: Lifetime) -> Result<(PlainToken, NewToken), Failure> {
    let name = checked_name(name)?;
    let secret = PlainToken::generate();
    let new = NewToken {
        id: TokenId(data.clock.new_id()),
        name: name.to_owned(),
        hash: data.token_key().await?.hash(&secret).0,
        created_by: "command line".to_owned(),
        expires: lifetime.end(data.clock.now()),
    };
    Ok((secret, new))
}

fn state_label(state: TokenState) -> &'static str {
    match state {
        TokenState::Active => "active",
        TokenState::ExpiringSoon => "expires soon",
        TokenState::RotatingOut { .. } => "rotating out",
        TokenState::Expired => "expired",
        TokenState::Revoked => "revoked",
    }
}

impl From<LifetimeArg> for Lifetime {
    fn from(arg: LifetimeArg) -> Self {
        match arg {
            LifetimeArg::Days30 => Self::Days30,
            LifetimeArg::Days90 => Self::Days90,
            LifetimeArg::Days180 => Self::Days180,
            LifetimeArg::Year1 => Self::Year1,
            LifetimeArg::Years2 => Self::Years2,
            LifetimeArg::Never => Self::Never,
        }
    }
}

impl From<OverlapArg> for Overlap {
    fn from(arg: OverlapArg) -> Self {
        match arg {
            OverlapArg::None => Self::None,
            OverlapArg::Hour1 => Self::Hour1,
            OverlapArg::Hours24 => Self::Hours24,
            OverlapArg::Days7 => Self::Days7,
        }
    }
}
