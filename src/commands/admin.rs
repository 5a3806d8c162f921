//! `admin create`.

use std::{
    env,
    io::{self, BufRead, IsTerminal, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand};

use crate::{
    auth::password::{Password, PasswordHash, Passwords},
    commands::{
        CommandResult, Failure,
        open::{Data, open_or_create},
        print_line,
    },
    config::DataArgs,
    model::account::Account,
    store::StoreError,
};

const PASSWORD_VARIABLE: &str = "ROLLCALL_ADMIN_PASSWORD";

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an administrator's account
    ///
    /// The password is read from `ROLLCALL_ADMIN_PASSWORD`, else from the first line of standard input. The very first
    /// account names the company with --company; further companies are made with `rollcall tenant create`.
    Create(CreateArgs),
}

/// Whose account to make.
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
    /// Id or name of the tenant, where there are several
    #[arg(long, env = "ROLLCALL_TENANT")]
    tenant: Option<String>,
}

/// Does it.
pub async fn run(command: AdminCommand) -> CommandResult {
    let AdminCommand::Create(args) = command;
    let email = args.email.trim().to_owned();
    if !email.contains('@') || email.contains(char::is_whitespace) {
        return Err(Failure::new(format!("{email:?} is no e-mail address")));
    }
    let data = open_or_create(&args.data.data_dir).await?;
    let password = Password::chosen(read_password()?)?;
    let hash = Passwords::default().hash(password).await?;
    let account = create(&data, &args, &email, &hash).await?;
    print_line(format!("Made the account {} (id {})", account.email, account.id))?;
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn create(data: &Data, args: &CreateArgs, email: &str, hash: &PasswordHash) -> Result<Account, Failure> {
    let name = args.name.as_deref().unwrap_or(email);
    let now = data.clock.now();
    if data.store.tenants().await?.is_empty() {
        let company = args.company.as_deref().map(str::trim).filter(|company| !company.is_empty());
        let company = company.ok_or_else(|| Failure::new("the first account needs --company, the company's name"))?;
        let made = data.store.set_up(company, email, name, hash.as_str(), now).await?;
        return made.ok_or_else(|| Failure::new("another process made the first account meanwhile; try again"));
    }
    let tenant = data.tenant(args.tenant.as_deref()).await?;
    // Who names another company must not find their administrator among this one's.
    if let Some(company) = args.company.as_deref().filter(|company| company.trim() != tenant.name) {
        let what =
            format!("the company here is {:?}, not {company:?}: --company is for the very first account", tenant.name);
        return Err(Failure::new(what));
    }
    match data.store.create_account(tenant.id, email, name, hash.as_str(), now).await {
        Err(StoreError::Duplicate) => Err(Failure::new(format!("there is an account {email} already"))),
        made => Ok(made?),
    }
}

/// Never an argument: the process list shows those to everyone on the machine.
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
