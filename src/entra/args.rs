//! The command line of `simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Bearer, CycleKind, Job, SimulateError, Task, Verify};

/// Simulate a provisioning cycle of Microsoft Entra
///
/// Reads users and groups exported from Entra, tests the connection, then creates, updates, disables and deletes over
/// SCIM as Entra's provisioning service would in one cycle. Exits with 0 when all objects were provisioned, 1 when any
/// failed or differs, 2 when the run could not be done.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate switch on the command line")]
pub struct SimulateArgs {
    /// Tenant URL, for example `http://127.0.0.1:3000/v2/scim`; a query in it is sent with every request
    #[arg(long, value_name = "URL", env = "ROLLCALL_SIMULATE_URL")]
    pub url: String,

    /// SCIM bearer token; prefer the environment variable or --token-file, which do not show in the process list
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ROLLCALL_SIMULATE_TOKEN",
        hide_env_values = true,
        required_unless_present = "token_file"
    )]
    pub token: Option<Bearer>,

    /// File that holds the SCIM bearer token; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub token_file: Option<PathBuf>,

    /// Users: Microsoft Graph JSON (`GET /users?$expand=manager($select=id)`) or the admin centre's CSV; can be repeated for further pages
    #[arg(long, value_name = "FILE", required = true)]
    pub users: Vec<PathBuf>,

    /// Groups: Microsoft Graph JSON (`GET /groups?$expand=members($select=id)`); can be repeated for further pages
    #[arg(long, value_name = "FILE")]
    pub groups: Vec<PathBuf>,

    /// Read the users as CSV regardless of the file name
    #[arg(long)]
    pub csv: bool,

    /// Scoping clause, for example department=Sales, `department!=Sales`, `jobTitle~Manager`, `mail` (has a value) or
    /// `!mail`; a user has to match all of them
    #[arg(long, value_name = "CLAUSE")]
    pub scope: Vec<String>,

    /// Change or add an attribute mapping, for example externalId=id or
    /// urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization=companyName
    #[arg(long = "map", value_name = "TARGET=SOURCE")]
    pub mappings: Vec<String>,

    /// Target attribute that users are matched by; repeat for attributes to try if the first finds no user
    #[arg(long = "match", value_name = "ATTRIBUTE", default_value = "userName")]
    pub matching: Vec<String>,

    /// Feature flag added to the Tenant URL; aadOptscim062020 selects the standard PATCH dialect instead of the older one
    #[arg(long, value_name = "FLAG")]
    pub flag: Option<String>,

    /// File for the state between cycles; without it each run is an initial cycle
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Which cycle to run; initial processes all objects and clears pending retries and quarantine
    #[arg(long, value_enum, default_value_t = CycleArg::Auto)]
    pub cycle: CycleArg,

    /// Provision one user or group now, by object id, userPrincipalName or displayName, instead of running a cycle;
    /// PATCH is written without the flag, regardless of --flag, and at most five new members are added to a group
    #[arg(long, value_name = "OBJECT", conflicts_with_all = ["verify", "cycle"])]
    pub on_demand: Option<String>,

    /// Read all accounts and list those that match no user of the directory; changes nothing
    #[arg(long, conflicts_with_all = ["verify", "cycle", "on_demand"])]
    pub discover: bool,

    /// Write a JSON report with one record per object, in the format of Entra's provisioning logs
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Read all resources afterwards and print the differences between the directory and the server
    #[arg(long)]
    pub verify: bool,

    /// With --verify: resources on the server that are not in the directory count as differences
    #[arg(long, requires = "verify")]
    pub exact: bool,

    /// Simulate a run this many days from now; soft-deleted users are deleted after 30 days
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    pub advance_days: u32,

    /// Do not create users whose sign-in is blocked
    #[arg(long)]
    pub skip_blocked: bool,

    /// Print only the summary, without a progress bar and list of failures
    #[arg(long, short)]
    pub quiet: bool,

    /// Number of objects exported concurrently
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub concurrency: u8,
}

/// The `--cycle` argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CycleArg {
    /// All objects
    Initial,
    /// Objects that changed since the last cycle
    Incremental,
    /// Incremental if the state has a finished cycle
    Auto,
}

impl SimulateArgs {
    /// The job; reads the token file.
    pub fn into_job(self) -> Result<Job, SimulateError> {
        let token = match (self.token, self.token_file) {
            (Some(token), _) => token,
            (None, Some(path)) => read_token(&path)?,
            (None, None) => {
                return Err(SimulateError::Usage(
                    "a token is needed: --token, --token-file or ROLLCALL_SIMULATE_TOKEN".into(),
                ));
            }
        };
        Ok(Job {
            url: self.url,
            token,
            users: self.users,
            groups: self.groups,
            csv: self.csv,
            scope: self.scope,
            mappings: self.mappings,
            matching: self.matching,
            flag: self.flag,
            state: self.state,
            cycle: match self.cycle {
                CycleArg::Initial => CycleKind::Initial,
                CycleArg::Incremental => CycleKind::Incremental,
                CycleArg::Auto => CycleKind::Auto,
            },
            task: match (self.on_demand, self.discover) {
                (Some(object), _) => Task::OnDemand(object),
                (None, true) => Task::Discover,
                (None, false) => Task::Cycle,
            },
            report: self.report,
            verify: match (self.verify, self.exact) {
                (_, true) => Verify::Exact,
                (true, false) => Verify::Known,
                (false, false) => Verify::Off,
            },
            advance_days: self.advance_days,
            skip_blocked: self.skip_blocked,
            quiet: self.quiet,
            concurrency: usize::from(self.concurrency),
        })
    }
}

fn read_token(path: &std::path::Path) -> Result<Bearer, SimulateError> {
    let read =
        if path.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    read.map(|token| Bearer::from(token.trim().to_owned()))
        .map_err(|error| SimulateError::File { path: path.display().to_string(), why: error.to_string() })
}
