//! `health`: asks a running server whether it is ready, for containers and scripts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use tokio::task::spawn_blocking;
use ureq::Agent;

use crate::commands::{CommandResult, Failure, print_line};

/// How long the request may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The server to ask.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// The address that the server listens on
    #[arg(long, env = "ROLLCALL_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    addr: SocketAddr,
}

/// Requests `/readyz`; fails if the server is not ready.
pub async fn run(args: HealthArgs) -> CommandResult {
    let url = format!("http://{}/readyz", local_address(args.addr));
    match spawn_blocking(move || get(&url)).await? {
        Ok((200, _)) => {
            print_line("ready")?;
            Ok(ExitCode::SUCCESS)
        }
        Ok((status, why)) => Err(Failure::new(format!("not ready: {status}, {why}"))),
        Err(why) => Err(Failure::new(format!("the server does not answer at {}: {why}", args.addr))),
    }
}

/// The address at which this machine reaches a server that listens on `addr`.
#[must_use]
pub fn local_address(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

/// Status and text of the response.
///
/// # Errors
/// When there is none: the reason.
pub fn get(url: &str) -> Result<(u16, String), String> {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(TIMEOUT));
    let agent: Agent = config.build().into();
    let mut answer = agent.get(url).call().map_err(|why| why.to_string())?;
    let text = answer.body_mut().with_config().limit(64 * 1024).read_to_string().unwrap_or_default();
    Ok((answer.status().as_u16(), text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_reached_on_loopback() {
        for (listens, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(local_address(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
