//! The command line of `check`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Bearer, CheckError, Options};

/// Try a SCIM service: how ready is it for Microsoft Entra, Okta and the RFCs?
///
/// Plays the tests of Microsoft's SCIM Validator and gallery, Okta's steps, both of Entra's PATCH dialects and the musts
/// of RFC 7643 and 7644. What it makes bears names of this run (rc1a2b3c.1@example.com) and is deleted again. What the
/// service declares not to have is skipped.
///
/// Exits with 0 when everything that applies passed, 1 when a test failed, 2 when nothing could be tested: bad arguments,
/// nobody answers, no SCIM service, or the token is not let in.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Tenant URL, for example `http://127.0.0.1:3000/v2/scim`; text after `?` is sent with every request
    #[arg(long, value_name = "URL", env = "ROLLCALL_CHECK_URL")]
    pub url: String,

    /// SCIM bearer token; prefer the environment variable or --token-file, which other people cannot see in the process list
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

    /// What the report looks like
    // The log's format is an argument of its own that every verb has: the two must not share a name.
    #[arg(long = "format", value_enum, default_value_t = Format::Text)]
    pub report_format: Format,

    /// Write the report to this file; standard output then carries the text
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Only tests whose names begin so, for example patch or filters.eq; repeat for more
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,

    /// Domain of the userNames that are made up, for services that know their customers' domains
    #[arg(long, value_name = "DOMAIN", default_value = "example.com")]
    pub domain: String,

    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,

    /// List what passed, too
    #[arg(long, short)]
    pub verbose: bool,

    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// What the report looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For build servers
    Junit,
}

impl CheckArgs {
    /// What to check; reads the token's file.
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
