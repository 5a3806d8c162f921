//! `serve`.

use std::{process::ExitCode, sync::Arc};

use tokio::net::TcpListener;
use tracing::info;

use crate::{
    auth::{password::Passwords, set_up::SetUp, token::TokenKey},
    commands::{
        Failure, Outcome,
        open::{Data, open_or_create},
        say,
    },
    config::{Config, ConfigArgs},
    server::{self, assets},
    state::AppState,
};

/// Serves until told to stop.
pub async fn serve(args: ConfigArgs) -> Outcome {
    let config = args.resolve()?;
    let data = open_or_create(&config.data_dir).await?;
    let token_key = data.token_key().await?;
    let listener = listen(&config).await?;
    let stop = server::stop_signal()?;
    let (set_up, link) = set_up(&data, &config).await?;
    say(format!("Rollcall serves {} (data in {})", config.public_url.as_str(), config.data_dir.display()))?;
    say(format!("Tenant URL for identity providers: {}", config.tenant_url()))?;
    if let Some(link) = link {
        say(format!("\nThere is no account yet. Make the first one here, once:\n\n  {link}\n"))?;
    }
    info!(address = %config.addr, "Listening on {}", config.addr);
    server::run(state(data, token_key, config, set_up), listener, stop).await;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}

/// Binds the address.
///
/// # Errors
/// When it is taken or not this machine's.
pub async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(config.addr).await;
    bound.map_err(|error| Failure::new(format!("cannot listen on {}: {error}", config.addr)))
}

/// All that the server works with.
#[must_use]
pub fn state(data: Data, token_key: TokenKey, config: Config, set_up: SetUp) -> AppState {
    AppState {
        store: data.store,
        clock: data.clock,
        leptos_options: assets::leptos_options(&config),
        config: Arc::new(config),
        token_key,
        passwords: Passwords::default(),
        set_up,
    }
}

/// The set-up and its link, when there is no account yet.
async fn set_up(data: &Data, config: &Config) -> Result<(SetUp, Option<String>), Failure> {
    if data.store.any_account().await? {
        return Ok((SetUp::closed(), None));
    }
    let (set_up, secret) = SetUp::open();
    Ok((set_up, Some(format!("{}/setup?token={secret}", config.public_url.as_str()))))
}
