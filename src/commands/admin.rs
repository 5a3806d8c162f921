//! `admin create`, `list`, `remove`, `set-password`, `sign-out` and `unlock`.

use std::{
    env,
    io::{self, BufRead, IsTerminal, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand};

use crate::{
    auth::{
        password::{Password, PasswordHash, Passwords},
        sign_in,
    },
    commands::{
        CommandResult, Failure, format_minute,
        open::{Data, open_existing, open_or_create},
        print_line,
        token::TenantArgs,
    },
    config::DataArgs,
    model::account::Account,
    store::StoreError,
};

const PASSWORD_VARIABLE: &str = "ROLLCALL_ADMIN_PASSWORD";

/// The subcommands of `admin`.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Create an administrator's account
    ///
    /// The password is read from `ROLLCALL_ADMIN_PASSWORD`, or else from the first line of standard input. The very first account
    /// names the company with --company; further companies are created with `rollcall tenant create`.
    Create(CreateArgs),
    /// List a tenant's accounts
    List(TenantArgs),
    /// Remove an account and end its sessions
    Remove(RemoveArgs),
    /// Set a new password and end the account's sessions
    ///
    /// The password is read as in `admin create`.
    SetPassword(AccountArgs),
    /// End all sessions of an account; signing in again stays possible
    SignOut(AccountArgs),
    /// Forget an account's failed sign-ins, so that it is no longer locked
    Unlock(AccountArgs),
}

/// The account to create.
#[derive(Debug, Args)]
pub struct CreateArgs {
    #[command(flatten)]
    data: DataArgs,
    /// E-mail address, used to sign in
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Name shown in the portal [default: the e-mail address]
    #[arg(long)]
    name: Option<String>,
    /// Name of the company, for the very first account
    #[arg(long)]
    company: Option<String>,
    /// Id or name of the tenant, if there are several
    #[arg(long, env = "ROLLCALL_TENANT")]
    tenant: Option<String>,
}

/// The account to change.
#[derive(Debug, Args)]
pub struct AccountArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The account's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
}

/// The account to remove.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    #[command(flatten)]
    account: AccountArgs,
    /// Also remove the last account of its tenant; nobody can then sign in until `rollcall admin create`
    #[arg(long)]
    force: bool,
}

/// Runs the subcommand.
pub async fn run(command: AdminCommand) -> CommandResult {
    let data = match command {
        AdminCommand::Create(args) => create(&args).await?,
        AdminCommand::List(args) => list(&args).await?,
        AdminCommand::Remove(args) => remove(&args).await?,
        AdminCommand::SetPassword(args) => set_password(&args).await?,
        AdminCommand::SignOut(args) => sign_out(&args).await?,
        AdminCommand::Unlock(args) => unlock(&args).await?,
    };
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn create(args: &CreateArgs) -> Result<Data, Failure> {
    let email = args.email.trim().to_owned();
    if !email.contains('@') || email.contains(char::is_whitespace) {
        return Err(Failure::new(format!("{email:?} is not an e-mail address")));
    }
    let data = open_or_create(&args.data.data_dir).await?;
    let hash = read_password_hash().await?;
    let account = insert(&data, args, &email, &hash).await?;
    print_line(format!("Created the account {} (id {})", account.email, account.id))?;
    Ok(data)
}

async fn insert(data: &Data, args: &CreateArgs, email: &str, hash: &PasswordHash) -> Result<Account, Failure> {
    let name = args.name.as_deref().unwrap_or(email);
    let now = data.clock.now();
    if data.store.tenants().await?.is_empty() {
        let company = args.company.as_deref().map(str::trim).filter(|company| !company.is_empty());
        let company = company.ok_or_else(|| Failure::new("the first account needs --company, the company's name"))?;
        let created = data.store.set_up(company, email, name, hash.as_str(), now).await?;
        return created.ok_or_else(|| Failure::new("another process has just created the first account; try again"));
    }
    let tenant = data.tenant(args.tenant.as_deref()).await?;
    // An administrator of another company must not be created in this one.
    if let Some(company) = args.company.as_deref().filter(|company| company.trim() != tenant.name) {
        let what =
            format!("the company here is {:?}, not {company:?}: --company is for the very first account", tenant.name);
        return Err(Failure::new(what));
    }
    match data.store.create_account(tenant.id, email, name, hash.as_str(), now).await {
        Err(StoreError::Duplicate) => Err(Failure::new(format!("there is already an account {email}"))),
        created => Ok(created?),
    }
}

async fn list(args: &TenantArgs) -> Result<Data, Failure> {
    let data = open_existing(&args.data.data_dir).await?;
    let tenant = data.tenant(args.tenant.as_deref()).await?;
    let accounts = data.store.accounts(tenant.id).await?;
    let width = accounts.iter().map(|account| account.email.chars().count()).max().unwrap_or_default().max(6);
    print_line(format!("{:17}  {:17}  {:width$}  NAME", "CREATED", "LAST SIGN-IN", "E-MAIL"))?;
    for Account { email, display_name, created, last_sign_in, .. } in accounts {
        let last_sign_in = last_sign_in.map_or_else(|| "never".to_owned(), format_minute);
        print_line(format!("{:17}  {last_sign_in:17}  {email:width$}  {display_name}", format_minute(created)))?;
    }
    Ok(data)
}

async fn remove(args: &RemoveArgs) -> Result<Data, Failure> {
    let (data, account) = find(&args.account).await?;
    let entry = data.entry(&account.email, "admin remove", "The account was removed.".to_owned());
    let removed = if args.force {
        data.store.remove_account(account.tenant, account.id, &entry).await?
    } else {
        data.store.remove_account_unless_last(account.tenant, account.id, &entry).await?
    };
    if removed {
        print_line(format!("Removed the account {}", account.email))?;
        return Ok(data);
    }
    // Another process may have removed the account meanwhile.
    if data.store.account(account.tenant, account.id).await?.is_none() {
        return Err(unknown(&account.email));
    }
    let tenant = data.tenant(Some(&account.tenant.to_string())).await?.name;
    let email = account.email;
    Err(Failure::new(format!("{email} is the last account of {tenant}: with --force it is removed, too")))
}

async fn set_password(args: &AccountArgs) -> Result<Data, Failure> {
    let (data, account) = find(args).await?;
    let hash = read_password_hash().await?;
    let entry = "The password was changed and all sessions were ended.";
    let entry = data.entry(&account.email, "admin set-password", entry.to_owned());
    if !data.store.set_password(account.tenant, account.id, hash.as_str(), &entry).await? {
        return Err(unknown(&account.email));
    }
    print_line(format!("Set the password of {} and ended its sessions", account.email))?;
    Ok(data)
}

async fn sign_out(args: &AccountArgs) -> Result<Data, Failure> {
    let (data, account) = find(args).await?;
    let entry = data.entry(&account.email, "admin sign-out", "All sessions were ended.".to_owned());
    if !data.store.end_sessions(account.tenant, account.id, &entry).await? {
        return Err(unknown(&account.email));
    }
    print_line(format!("Ended all sessions of {}", account.email))?;
    Ok(data)
}

async fn unlock(args: &AccountArgs) -> Result<Data, Failure> {
    let (data, account) = find(args).await?;
    let entry = data.entry(&account.email, "admin unlock", "The failed sign-ins were forgotten.".to_owned());
    sign_in::unlock(&data.store, &account, &entry).await?;
    print_line(format!("Unlocked the account {}", account.email))?;
    Ok(data)
}

async fn find(args: &AccountArgs) -> Result<(Data, Account), Failure> {
    let data = open_existing(&args.data.data_dir).await?;
    let email = args.email.trim();
    let (account, _) = data.store.account_by_email(email).await?.ok_or_else(|| unknown(email))?;
    Ok((data, account))
}

fn unknown(email: &str) -> Failure {
    Failure::new(format!("there is no account {email:?}; `rollcall admin list` shows them"))
}

async fn read_password_hash() -> Result<PasswordHash, Failure> {
    let password = Password::chosen(read_password()?)?;
    Ok(Passwords::default().hash(password).await?)
}

/// Passwords are not taken as arguments: other users can see those in the process list.
fn read_password() -> Result<String, Failure> {
    if let Ok(password) = env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    let mut input = io::stdin().lock();
    let mut line = String::new();
    if input.is_terminal() {
        write!(io::stderr(), "Password, at least 12 characters (not shown as you type): ")?;
        line = rpassword::read_password()?;
    } else {
        input.read_line(&mut line)?;
    }
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new(format!("no password: set {PASSWORD_VARIABLE}, or write it to standard input")));
    }
    Ok(password.to_owned())
}
