//! `demo`: a temporary installation, provisioned by the simulator and then served.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use tokio::{net::TcpListener, task::spawn_blocking};

use crate::{
    auth::{
        password::{Password, Passwords},
        set_up::SetUp,
        token::PlainToken,
    },
    commands::{
        CommandResult, Failure,
        open::{Data, open_or_create},
        print_line, serve, token,
    },
    config::{Config, PublicUrl},
    entra::{self, Job},
    model::token::Lifetime,
    server,
};

const EMAIL: &str = "admin@example.com";
const DEFAULT_PORT: u16 = 3000;

/// The sample company, and the port to serve it on.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Users of the sample company: Microsoft Graph JSON or the admin center's CSV
    #[arg(long, value_name = "FILE")]
    users: PathBuf,
    /// Groups of the sample company: Microsoft Graph JSON
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// Port to serve on [default: 3000, or any free port if that is in use]
    #[arg(long)]
    port: Option<u16>,
    /// Stop once the company is provisioned
    #[arg(long)]
    once: bool,
}

/// Runs the demo.
pub async fn run(args: DemoArgs) -> CommandResult {
    if !args.users.is_file() {
        return Err(Failure::new(format!(
            "there is no file {}: set --users to the users of the sample company",
            args.users.display()
        )));
    }
    // Removed with everything in it when this function ends.
    let folder = tempfile::Builder::new().prefix("rollcall-demo-").tempdir()?;
    let listener = listen(args.port).await?;
    let config = config(listener.local_addr()?, folder.path())?;
    let stop = server::shutdown_signal()?;
    let data = open_or_create(folder.path()).await?;
    let (password, secret) = set_up_sample_company(&data).await?;
    let token_key = data.token_key().await?;
    let (portal, tenant_url) = (config.public_url.as_str().to_owned(), config.tenant_url());
    let (stop_now, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop = async move {
        tokio::select! {
            () = stop => {}
            Ok(()) = stopped => {}
        }
    };
    let serving = tokio::spawn(server::run(serve::app_state(data, token_key, config, SetUp::closed()), listener, stop));
    print_line(format!("Provisioning the sample company into {portal} …\n"))?;
    let mut job = Job::new(tenant_url, secret.reveal(), &args.users);
    job.groups = args.groups.into_iter().collect();
    let outcome = spawn_blocking(move || entra::simulate(&job, &mut io::stdout().lock())).await??;
    if args.once {
        let _ended_already = stop_now.send(());
        serving.await?;
        return Ok(ExitCode::from(outcome.exit_code()));
    }
    // Kept: dropping the sender would stop the server.
    let _stop_now = stop_now;
    print_line(format!(
        "\nThe portal is open: {portal}\n\n  e-mail    {EMAIL}\n  password  {password}\n\nCtrl-C ends the demo and removes its data."
    ))?;
    io::stdout().flush()?;
    serving.await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let at = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    match port {
        Some(port) => at(port).await,
        None => match at(DEFAULT_PORT).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => at(0).await,
            bound => bound,
        },
    }
}

fn config(addr: SocketAddr, data_dir: &Path) -> Result<Config, Failure> {
    Ok(Config {
        addr,
        data_dir: data_dir.to_owned(),
        public_url: PublicUrl::parse(&format!("http://{addr}"))?,
        trusted_proxies: Vec::new(),
        rate_limit: 0,
        metrics_addr: None,
        journal_days: 30,
    })
}

/// Creates a company with an administrator, provisioning turned on and a token.
async fn set_up_sample_company(data: &Data) -> Result<(String, PlainToken), Failure> {
    let secret = PlainToken::generate();
    let password: String = secret.reveal().chars().rev().take(16).collect();
    let hash = Passwords::default().hash(Password::chosen(password.clone())?).await?;
    let now = data.clock.now();
    let account = data.store.set_up("Sample company", EMAIL, "Demo administrator", hash.as_str(), now).await?;
    account.ok_or_else(|| Failure::new("the temporary database is not new"))?;
    let tenant = data.tenant(None).await?;
    let entry = data.entry(&tenant.name, "demo", "Provisioning was switched on.".to_owned());
    data.store.change_settings(tenant.id, |settings| settings.provisioning = true, &entry).await?;
    Ok((password, token::create(data, &tenant, "Sample identity provider", Lifetime::Year1).await?))
}
