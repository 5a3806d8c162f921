//! How the world reaches the server: the port, the public URL, TLS, and the proxy in front.

use std::net::{IpAddr, SocketAddr, TcpListener};

use super::Finding;
use crate::{
    commands::health::{get, local_address},
    config::{Config, ConfigArgs, PublicUrl},
};

/// `serving` names the process that serves the data folder, if any does.
pub fn check(args: ConfigArgs, serving: Option<String>) -> Vec<Finding> {
    let config = match args.resolve() {
        Ok(config) => config,
        Err(why) => {
            return vec![Finding::broken(
                "settings",
                format!("{}.", capitalize(&why.to_string())),
                "No start until then.",
            )];
        }
    };
    let mut findings = vec![Finding::ok("settings", "They fit together.")];
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
            format!("One serves this folder{process}, but does not answer at {addr}."),
            "It listens elsewhere (then give this command the same settings as the server), or hangs (then look at its log).",
        ),
        (None, true) => Finding::warning(
            "server",
            format!("None serves this folder, but one with other data answers at {addr}."),
            "Is --data-dir right?",
        ),
        (None, false) => match TcpListener::bind(addr) {
            Ok(_) => Finding::ok("server", format!("None is running; {addr} is free for it.")),
            Err(why) => Finding::broken(
                "server",
                format!("None is running, and {addr} cannot be had: {why}."),
                "Stop what listens there (`ss -ltnp` names it), or choose another with --addr.",
            ),
        },
    }
}

fn public_url(url: &PublicUrl) -> Vec<Finding> {
    let shown = url.as_str();
    if !url.is_https() {
        let found = format!("{shown} is plain http.");
        let advice = "That is fine to try things out on this machine; identity providers want https: put a proxy with TLS in \
                      front and set ROLLCALL_PUBLIC_URL to its address.";
        return vec![Finding::warning("public URL", found, advice)];
    }
    let mut findings = vec![match get(&format!("{shown}/healthz")) {
        Ok((200, text)) if text == "ok" => {
            Finding::ok("public URL", format!("{shown} leads here, with TLS that is trusted."))
        }
        Ok((status, _)) => Finding::broken(
            "public URL",
            format!("{shown}/healthz answers {status}, and not as Rollcall does."),
            "Something else answers there, or the proxy does not reach the server: it has to pass all paths on unchanged.",
        ),
        Err(why) => Finding::warning(
            "public URL",
            format!("{shown} cannot be reached from here: {why}."),
            "Identity providers have to reach it: check DNS, firewall, certificate and proxy. From within your own network it \
             may be out of reach though all is well.",
        ),
    }];
    let plain = format!("http://{}/healthz", url.authority().split(':').next().unwrap_or_default());
    if get(&plain).is_ok_and(|(status, text)| (status, &*text) == (200, "ok")) {
        findings.push(Finding::warning(
            "TLS",
            "The portal is served over plain http, too.",
            "Let the proxy redirect http to https, lest somebody sends a password readable.",
        ));
    }
    findings
}

fn proxies(config: &Config) -> Finding {
    let trusted = &config.trusted_proxies;
    if trusted.iter().any(IpAddr::is_unspecified) {
        let advice = "Name the proxy's own address, as the server sees it.";
        return Finding::broken("proxies", "0.0.0.0 is no proxy's address, so none is believed.", advice);
    }
    let listed = trusted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (config.public_url.is_https(), trusted.is_empty()) {
        (true, true) => Finding::warning(
            "proxies",
            "No proxy is trusted, though one with TLS must stand in front.",
            "Set ROLLCALL_TRUSTED_PROXIES to its address and let it send X-Forwarded-For: else the limit on failed sign-ins \
             takes all people for one.",
        ),
        (false, true) => Finding::ok("proxies", "None is trusted: clients are who connects."),
        (_, false) => Finding::ok("proxies", format!("X-Forwarded-For is believed from {listed}.")),
    }
}

/// A sentence's first letter.
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
    fn a_proxy_in_front_has_to_be_trusted() {
        let check = |url, trusted: &[&str]| proxies(&config(url, trusted)).state;
        assert_eq!(check("https://roll.example", &[]), FindingState::Warning);
        assert_eq!(check("https://roll.example", &["127.0.0.1"]), FindingState::Ok);
        assert_eq!(check("https://roll.example", &["0.0.0.0"]), FindingState::Broken);
        assert_eq!(check("http://127.0.0.1:3000", &[]), FindingState::Ok);
    }

    #[test]
    fn a_port_that_others_have_is_told() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = other.local_addr().unwrap();
        drop(other);
        assert_eq!(port(addr, None).state, FindingState::Ok);
        assert_eq!(port(addr, Some(" (process 1)".to_owned())).state, FindingState::Broken);
    }
}
