//! Checks how the server is reached: the port, the public URL, TLS and the reverse proxy.

use std::net::{IpAddr, SocketAddr, TcpListener};

use super::Finding;
use crate::{
    commands::health::{get, local_address},
    config::{Config, ConfigArgs, PublicUrl},
};

/// `serving` names the process that serves the data folder, if there is one.
pub fn check(args: ConfigArgs, serving: Option<String>) -> Vec<Finding> {
    let config = match args.resolve() {
        Ok(config) => config,
        Err(why) => {
            return vec![Finding::broken(
                "settings",
                format!("{}.", capitalize(&why.to_string())),
                "The server does not start until this is corrected.",
            )];
        }
    };
    let mut findings = vec![Finding::ok("settings", "They are valid.")];
    findings.push(port(config.addr, serving));
    findings.extend(public_url(&config.public_url));
    findings.push(proxies(&config));
    findings
}

fn port(addr: SocketAddr, serving: Option<String>) -> Finding {
    let answers = get(&format!("http://{}/healthz", local_address(addr)))
        .is_ok_and(|(status, text)| (status, &*text) == (200, "ok"));
    match (serving, answers) {
        (Some(process), true) => {
            Finding::ok("server", format!("It serves this folder{process} and answers at {addr}."))
        }
        (Some(process), false) => Finding::broken(
            "server",
            format!("A server serves this folder{process} but does not answer at {addr}."),
            "Either it listens on another address (run this command with the server's settings) or it hangs (see its log).",
        ),
        (None, true) => Finding::warning(
            "server",
            format!("No server serves this folder, but one with other data answers at {addr}."),
            "Is --data-dir right?",
        ),
        (None, false) => match TcpListener::bind(addr) {
            Ok(_) => Finding::ok("server", format!("It is not running; {addr} is free.")),
            Err(why) => Finding::broken(
                "server",
                format!("It is not running, and {addr} cannot be used: {why}."),
                "Stop the process that listens there (`ss -ltnp` shows it), or set another address with --addr.",
            ),
        },
    }
}

fn public_url(url: &PublicUrl) -> Vec<Finding> {
    let shown = url.as_str();
    if !url.is_https() {
        let found = format!("{shown} is plain http.");
        let advice = "This is enough for tests on this machine, but identity providers require https: set up a reverse proxy with \
                      TLS and set ROLLCALL_PUBLIC_URL to its address.";
        return vec![Finding::warning("public URL", found, advice)];
    }
    let mut findings = vec![match get(&format!("{shown}/healthz")) {
        Ok((200, text)) if text == "ok" => {
            Finding::ok("public URL", format!("{shown} reaches a Rollcall server, with a trusted certificate."))
        }
        Ok((status, _)) => Finding::broken(
            "public URL",
            format!("{shown}/healthz answers {status}, not as Rollcall does."),
            "Either another service answers there or the proxy does not reach the server: it must forward all paths unchanged.",
        ),
        Err(why) => Finding::warning(
            "public URL",
            format!("{shown} cannot be reached from here: {why}."),
            "Identity providers must be able to reach it: check DNS, firewall, certificate and proxy. From inside your network \
             it may be unreachable although it works from outside.",
        ),
    }];
    let plain = format!("http://{}/healthz", url.authority().split(':').next().unwrap_or_default());
    if get(&plain).is_ok_and(|(status, text)| (status, &*text) == (200, "ok")) {
        findings.push(Finding::warning(
            "TLS",
            "The portal is also served over plain http.",
            "Let the proxy redirect http to https, so that no password is sent unencrypted.",
        ));
    }
    findings
}

fn proxies(config: &Config) -> Finding {
    let trusted = &config.trusted_proxies;
    if trusted.iter().any(IpAddr::is_unspecified) {
        let advice = "Set the proxy's own address, as the server sees it.";
        return Finding::broken("proxies", "0.0.0.0 is not the address of a proxy, so no proxy is trusted.", advice);
    }
    let listed = trusted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (config.public_url.is_https(), trusted.is_empty()) {
        (true, true) => Finding::warning(
            "proxies",
            "No proxy is trusted, although https requires one with TLS.",
            "Set ROLLCALL_TRUSTED_PROXIES to its address and let it send X-Forwarded-For: otherwise the limit on failed \
             sign-ins counts all clients as one.",
        ),
        (false, true) => Finding::ok("proxies", "No proxy is trusted: client addresses are those of the connections."),
        (_, false) => Finding::ok("proxies", format!("X-Forwarded-For is trusted from {listed}.")),
    }
}

/// With the first letter in upper case.
fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::commands::doctor::FindingState;

    fn config(public_url: &str, trusted: &[&str]) -> Config {
        Config {
            addr: "127.0.0.1:3000".parse().unwrap(),
            data_dir: PathBuf::new(),
            public_url: PublicUrl::parse(public_url).unwrap(),
            trusted_proxies: trusted.iter().map(|ip| ip.parse().unwrap()).collect(),
            rate_limit: 0,
            metrics_addr: None,
            journal_days: 30,
        }
    }

    #[test]
    fn https_requires_a_trusted_proxy() {
        let check = |url, trusted: &[&str]| proxies(&config(url, trusted)).state;
        assert_eq!(check("https://roll.example", &[]), FindingState::Warning);
        assert_eq!(check("https://roll.example", &["127.0.0.1"]), FindingState::Ok);
        assert_eq!(check("https://roll.example", &["0.0.0.0"]), FindingState::Broken);
        assert_eq!(check("http://127.0.0.1:3000", &[]), FindingState::Ok);
    }

    #[test]
    fn the_state_of_the_port_is_reported() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = other.local_addr().unwrap();
        drop(other);
        assert_eq!(port(addr, None).state, FindingState::Ok);
        assert_eq!(port(addr, Some(" (process 1)".to_owned())).state, FindingState::Broken);
    }
}
