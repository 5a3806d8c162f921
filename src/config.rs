//! The settings of an installation: `ROLLCALL_*` variables and the same as flags, validated before anything is opened.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use axum::http::Uri;
use clap::{Args, ValueEnum};

/// The settings as given; [`ConfigArgs::resolve`] validates them.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// Address and port to listen on
    #[arg(long, env = "ROLLCALL_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub addr: SocketAddr,
    /// The data folder
    #[command(flatten)]
    pub data: DataArgs,
    /// Address under which browsers and identity providers reach this server, without a path
    /// [default: http:// and the listening address, if that is loopback]
    #[arg(long, env = "ROLLCALL_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Allow a public URL with plain http beyond this machine; passwords and tokens are then sent unencrypted
    #[arg(long, env = "ROLLCALL_INSECURE_HTTP", value_parser = clap::builder::FalseyValueParser::new())]
    pub insecure_http: bool,
    /// Reverse proxies whose X-Forwarded-For is trusted
    #[arg(long, env = "ROLLCALL_TRUSTED_PROXIES", value_delimiter = ',', value_name = "IP,IP")]
    pub trusted_proxies: Vec<IpAddr>,
    /// SCIM requests per second of one tenant; more are answered with 429. 0 is no limit
    #[arg(long, env = "ROLLCALL_RATE_LIMIT", default_value_t = 500, value_name = "NUMBER")]
    pub rate_limit: u32,
    /// Address and port for Prometheus: /metrics, /healthz and /readyz, without a password. Off unless set
    #[arg(long, env = "ROLLCALL_METRICS_ADDR", value_name = "IP:PORT")]
    pub metrics_addr: Option<SocketAddr>,
    /// Days to keep provisioning logs
    #[arg(long, env = "ROLLCALL_JOURNAL_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub journal_days: u32,
}

/// The data folder, for commands that need no other setting.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// Folder of the database and the installation's key; created if missing
    #[arg(long, env = "ROLLCALL_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,
}

/// How log lines are written.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logging")]
pub struct LogArgs {
    /// What to log: error, warn, info, debug, or a list such as `info,rollcall=debug`
    #[arg(long = "log", env = "ROLLCALL_LOG", default_value = "info", global = true, value_name = "FILTER")]
    pub filter: String,
    /// How to write log lines
    #[arg(long = "log-format", env = "ROLLCALL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub format: LogFormat,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// Validated settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// Where the data is.
    pub data_dir: PathBuf,
    /// The URL at which browsers and identity providers reach the server.
    pub public_url: PublicUrl,
    /// Proxies whose X-Forwarded-For is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// SCIM requests per second and tenant; 0 is no limit.
    pub rate_limit: u32,
    /// Address of the metrics, if they are on.
    pub metrics_addr: Option<SocketAddr>,
    /// Days to keep the journal.
    pub journal_days: u32,
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The listening address is not loopback, so the public URL cannot be derived from it.
    #[error("listening on {0} needs ROLLCALL_PUBLIC_URL, the https address under which others reach this server")]
    PublicUrlMissing(SocketAddr),
    /// Not an origin.
    #[error("the public URL {0:?} is not of the form https://host or https://host:port, without a path")]
    PublicUrlMalformed(String),
    /// Plain http beyond this machine.
    #[error(
        "the public URL {0} is plain http beyond this machine, so tokens and passwords would be sent unencrypted: use https, or set ROLLCALL_INSECURE_HTTP=1 to accept that"
    )]
    PublicUrlInsecure(String),
}

impl ConfigArgs {
    /// Validates the settings together.
    ///
    /// # Errors
    /// When a server with them would be insecure or could not be reached.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let public_url = match &self.public_url {
            Some(text) => PublicUrl::parse(text)?,
            None if self.addr.ip().is_loopback() => PublicUrl::parse(&format!("http://{}", self.addr))?,
            None => return Err(ConfigError::PublicUrlMissing(self.addr)),
        };
        if !public_url.is_https() && !public_url.is_loopback() && !self.insecure_http {
            return Err(ConfigError::PublicUrlInsecure(public_url.0));
        }
        Ok(Config {
            addr: self.addr,
            data_dir: self.data.data_dir,
            public_url,
            trusted_proxies: self.trusted_proxies,
            rate_limit: self.rate_limit,
            metrics_addr: self.metrics_addr,
            journal_days: self.journal_days,
        })
    }
}

impl Config {
    /// The address to paste into an identity provider.
    #[must_use]
    pub fn tenant_url(&self) -> String {
        tenant_url_at(self.public_url.as_str())
    }
}

/// The address of the endpoint of a server that is reached at `origin`.
#[must_use]
pub fn tenant_url_at(origin: &str) -> String {
    format!("{origin}/v2/scim")
}

/// Scheme, host and port at which the server is reached, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Parses an origin.
    ///
    /// # Errors
    /// When it is not http or https, has no host, or has a path, a query or a user.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let malformed = || ConfigError::PublicUrlMalformed(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?;
        let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or_else(malformed)?;
        let bare = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
        let host = authority.host();
        if !bare || host.is_empty() {
            return Err(malformed());
        }
        let default_port = if scheme == "https" { 443 } else { 80 };
        let port = authority.port_u16().filter(|port| *port != default_port);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{}{port}", host.to_ascii_lowercase())))
    }

    /// The address, as browsers write an origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers use TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Host and port, as browsers send them in `Host`.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
    }

    fn is_loopback(&self) -> bool {
        let authority = self.authority();
        let host = authority.rsplit_once(':').filter(|_| !authority.ends_with(']')).map_or(authority, |(host, _)| host);
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || host.ends_with(".localhost") || ip.is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(addr: &str, public_url: Option<&str>) -> ConfigArgs {
        ConfigArgs {
            addr: addr.parse().unwrap(),
            data: DataArgs { data_dir: "data".into() },
            public_url: public_url.map(str::to_owned),
            insecure_http: false,
            trusted_proxies: Vec::new(),
            rate_limit: 250,
            metrics_addr: None,
            journal_days: 30,
        }
    }

    #[track_caller]
    fn starts(addr: &str, public_url: Option<&str>, expected: &str) {
        assert_eq!(args(addr, public_url).resolve().unwrap().public_url.as_str(), expected);
    }

    #[test]
    fn a_safe_start_has_a_public_url() {
        starts("127.0.0.1:3000", None, "http://127.0.0.1:3000");
        starts("[::1]:3000", None, "http://[::1]:3000");
        starts("127.0.0.1:3000", Some("https://Roll.example/"), "https://roll.example");
        starts("0.0.0.0:3000", Some("https://roll.example:443"), "https://roll.example");
        starts("0.0.0.0:80", Some("http://localhost:8080"), "http://localhost:8080");
        starts("0.0.0.0:80", Some("http://[::1]:8080"), "http://[::1]:8080");
    }

    #[track_caller]
    fn refused(addr: &str, public_url: Option<&str>) -> ConfigError {
        args(addr, public_url).resolve().unwrap_err()
    }

    #[test]
    fn an_unsafe_start_is_refused() {
        assert!(matches!(refused("0.0.0.0:3000", None), ConfigError::PublicUrlMissing(_)));
        let insecure = refused("127.0.0.1:3000", Some("http://roll.example"));
        assert!(matches!(insecure, ConfigError::PublicUrlInsecure(_)));
        assert!(matches!(refused("127.0.0.1:1", Some("http://127.0.0.1.example")), ConfigError::PublicUrlInsecure(_)));
        for malformed in
            ["roll.example", "https://", "ftp://x", "https://x/portal", "https://u@x", "https://x?y", "", "https://a b"]
        {
            let error = refused("127.0.0.1:3000", Some(malformed));
            assert_eq!(error, ConfigError::PublicUrlMalformed(malformed.to_owned()));
        }
        let mut accepted = args("127.0.0.1:3000", Some("http://roll.example"));
        accepted.insecure_http = true;
        assert!(accepted.resolve().is_ok());
    }
}
