//! The command line of `check`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Bearer, CheckError, Options};

/// Test a SCIM service for Microsoft Entra, Okta and RFC compliance
///
/// Runs the tests of Microsoft's SCIM Validator and gallery, Okta's test, both PATCH dialects of Entra and the requirements
/// of RFC 7643 and 7644. The users and groups it creates have names of this run (rc1a2b3c.1@example.com) and are deleted
/// afterwards. Features that the service does not declare are skipped.
///
/// Exits with 0 when all applicable tests passed, 1 when a test failed, 2 when nothing could be tested: invalid arguments,
/// no response, not a SCIM service, or the token was rejected.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Tenant URL, for example `http://127.0.0.1:3000/v2/scim`; a query in it is sent with every request
    #[arg(long, value_name = "URL", env = "ROLLCALL_CHECK_URL")]
    pub url: String,

    /// SCIM bearer token; prefer the environment variable or --token-file, which do not show in the process list
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ROLLCALL_CHECK_TOKEN",
        hide_env_values = true,
        required_unless_present = "token_file"
    )]
    pub token: Option<Bearer>,

    /// File that holds the SCIM bearer token; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub token_file: Option<PathBuf>,

    /// Format of the report
    // Every command has an argument for the format of the log, so this one needs another id.
    #[arg(long = "format", value_enum, default_value_t = Format::Text)]
    pub report_format: Format,

    /// Write the report to this file, and the text report to standard output
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Run only tests whose names start with this, for example patch or filters.eq; can be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,

    /// Domain of the test userNames, for services that accept only known domains
    #[arg(long, value_name = "DOMAIN", default_value = "example.com")]
    pub domain: String,

    /// Timeout of one request
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,

    /// Also list the tests that passed
    #[arg(long, short)]
    pub verbose: bool,

    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Readable text
    Text,
    /// JSON
    Json,
    /// XML for build servers
    Junit,
}

impl CheckArgs {
    /// The options of the check; reads the token file.
    pub fn options(&self) -> Result<Options, CheckError> {
        let token = match (&self.token, &self.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(path)) => read_token(path)?,
            (None, None) => {
                let why = "a token is needed: --token, --token-file or ROLLCALL_CHECK_TOKEN";
                return Err(CheckError::Usage(why.into()));
            }
        };
        Ok(Options {
            url: self.url.clone(),
            token,
            domain: self.domain.trim_start_matches('@').to_owned(),
            timeout: Duration::from_secs(self.timeout.into()),
            only: self.only.clone(),
            header: None,
        })
    }
}

fn read_token(path: &Path) -> Result<Bearer, CheckError> {
    let read =
        if path.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    read.map(|token| Bearer::from(token.trim().to_owned()))
        .map_err(|error| CheckError::File { path: path.display().to_string(), why: error.to_string() })
}
