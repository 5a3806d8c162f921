//! `serve`.

use std::{
    net::{self, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use listenfd::ListenFd;
use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::{
    auth::{password::Passwords, set_up::SetUp, token::TokenKey},
    commands::{
        CommandResult, Failure, lock,
        open::{Data, create_folder, open_locked},
        print_line,
    },
    config::{Config, ConfigArgs},
    connection_check::ConnectionChecks,
    directory::work::LongWork,
    metrics::Metrics,
    server::{self, assets},
    state::AppState,
};

/// Serves until SIGTERM or Ctrl-C.
pub async fn serve(mut args: ConfigArgs) -> CommandResult {
    // Settings are validated before any file is touched.
    let config = args.clone().resolve()?;
    let passed = passed_socket()?;
    // Locked before the database is opened: a migration must not run while another server uses it.
    create_folder(&config.data_dir)?;
    let _lock = lock::acquire(&config.data_dir)?;
    let data = open_locked(&config.data_dir).await?;
    let token_key = data.token_key().await?;
    let listener = match passed {
        Some(socket) => TcpListener::from_std(socket)?,
        None => listen(config.addr).await?,
    };
    let metrics_listener = match config.metrics_addr {
        Some(addr) => Some(listen(addr).await?),
        None => None,
    };
    // Port 0 selects a free port, and a passed socket may have another address.
    args.addr = listener.local_addr()?;
    let config = args.resolve()?;
    let stop = server::shutdown_signal()?;
    let (set_up, link) = set_up(&data, &token_key, &config).await?;
    print_line(format!("Rollcall serves {} (data in {})", config.public_url.as_str(), config.data_dir.display()))?;
    print_line(format!("Tenant URL for identity providers: {}", config.tenant_url()))?;
    if let Some(link) = link {
        print_line(format!(
            "\nThere is no account yet. Create the first one with this link, which works once:\n\n  {link}\n"
        ))?;
    }
    if !assets::are_embedded() {
        warn!("This program was built without the portal's assets, so its pages have no style. `make run` builds both");
    }
    info!(address = %config.addr, "Listening on {}", config.addr);
    let state = app_state(data, token_key, config, set_up);
    if let Some(metrics_listener) = metrics_listener {
        print_line(format!("Metrics: http://{}/metrics", metrics_listener.local_addr()?))?;
        tokio::spawn(server::run_metrics(state.clone(), metrics_listener));
    }
    server::run(state, listener, stop).await;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}

/// The listening socket from systemd, if it passed one. While the socket is open, connections wait in the kernel's queue,
/// also while no server runs, as during an upgrade.
fn passed_socket() -> Result<Option<net::TcpListener>, Failure> {
    let mut passed = ListenFd::from_env();
    if passed.len() > 1 {
        return Err(Failure::new(format!("{} sockets were passed to this process; it serves one", passed.len())));
    }
    let unusable = |error| Failure::new(format!("the socket that was passed to this process cannot be used: {error}"));
    if passed.len() == 0 {
        return Ok(None);
    }
    let socket = passed.take_tcp_listener(0).map_err(unusable)?;
    socket.iter().try_for_each(|socket| socket.set_nonblocking(true)).map_err(unusable)?;
    Ok(socket)
}

/// Binds the address.
///
/// # Errors
/// When it is taken or not this machine's.
pub async fn listen(addr: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(addr).await;
    bound.map_err(|error| Failure::new(format!("cannot listen on {addr}: {error}")))
}

/// The state of the server.
#[must_use]
pub fn app_state(data: Data, token_key: TokenKey, config: Config, set_up: SetUp) -> AppState {
    AppState {
        connection_checks: ConnectionChecks::new(&data.store, &data.clock, &token_key, &config),
        store: data.store,
        clock: data.clock,
        leptos_options: assets::leptos_options(&config),
        config: Arc::new(config),
        token_key,
        passwords: Passwords::default(),
        metrics: Metrics::new(),
        long_work: LongWork::default(),
        set_up,
    }
}

/// The set-up, and its link if there is no account yet.
async fn set_up(data: &Data, key: &TokenKey, config: &Config) -> Result<(SetUp, Option<String>), Failure> {
    if data.store.any_account().await? {
        return Ok((SetUp::closed(), None));
    }
    let (set_up, secret) = SetUp::open(key);
    Ok((set_up, Some(format!("{}/setup?token={secret}", config.public_url.as_str()))))
}
