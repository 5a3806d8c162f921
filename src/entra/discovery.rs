//! Account discovery: which accounts of the server belong to users of the directory. Changes nothing.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::cycle::state::State;
use super::listing::{self, ListProblem};
use super::mapping::Mappings;
use super::progress::Progress;
use super::report::{Kind, text_of_value};
use super::scope::Scope;
use super::source::{Directory, SourceUser};
use super::summary::printable;
use super::transport::Client;
use super::wire::path::TargetAttribute;

/// The result of an account discovery.
pub struct AccountDiscovery {
    /// The accounts, ordered by name.
    accounts: Vec<Account>,
    /// Problems with the list of accounts.
    pub problems: Vec<ListProblem>,
}

struct Account {
    id: String,
    name: String,
    active: Option<bool>,
    owner: Option<Owner>,
}

/// The user of the directory that an account belongs to.
struct Owner {
    id: String,
    identity: String,
    in_scope: bool,
}

/// Reads all accounts. An account belongs to the user that an earlier cycle linked it to, otherwise to the user found by a
/// matching attribute.
pub fn discover(
    client: &Client,
    progress: &Progress,
    (directory, scope, mappings): (&Directory, &Scope, &Mappings),
    state: &State,
) -> AccountDiscovery {
    let listed = listing::read_all(client, progress, Kind::User);
    let users: HashMap<&str, &SourceUser> = directory.users.iter().map(|user| (user.id.as_str(), user)).collect();
    let linked: HashMap<&str, &str> =
        state.users.iter().filter_map(|(id, link)| Some((link.target.as_deref()?, id.as_str()))).collect();
    let mut by_value: HashMap<(&TargetAttribute, String), &SourceUser> = HashMap::new();
    for user in &directory.users {
        for (attribute, value) in mappings.match_by(user) {
            by_value.entry((attribute, value.to_lowercase())).or_insert(user);
        }
    }
    let found = |resource: &Value| {
        let value = |attribute: &TargetAttribute| Some(text_of_value(attribute.read(resource)?).to_lowercase());
        mappings.matching().iter().find_map(|target| by_value.get(&(target, value(target)?)).copied())
    };
    let account = |(id, resource): (String, Value)| {
        let owner = linked.get(id.as_str()).and_then(|owner| users.get(owner).copied()).or_else(|| found(&resource));
        Account {
            name: resource.get("userName").map(text_of_value).unwrap_or_default(),
            active: resource.get("active").and_then(Value::as_bool),
            owner: owner.map(|user| Owner {
                id: user.id.clone(),
                identity: user.identity().to_owned(),
                in_scope: scope.includes(user),
            }),
            id,
        }
    };
    let mut accounts: Vec<_> = listed.resources.into_iter().map(account).collect();
    accounts.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    AccountDiscovery { accounts, problems: listed.problems }
}

impl AccountDiscovery {
    /// Prints the result; `listing` includes the accounts that match no user of the directory.
    pub fn print(&self, out: &mut dyn Write, client: &Client, listing: bool) -> io::Result<()> {
        let unmatched: Vec<_> = self.accounts.iter().filter(|account| account.owner.is_none()).collect();
        let in_scope =
            self.accounts.iter().filter(|account| account.owner.as_ref().is_some_and(|owner| owner.in_scope));
        let in_scope = in_scope.count();
        let out_of_scope = self.accounts.len() - unmatched.len() - in_scope;
        writeln!(out, "Account discovery, {}", client.base())?;
        writeln!(out)?;
        writeln!(out, "  Accounts      {:>8} read in {} requests", self.accounts.len(), client.requests())?;
        writeln!(out, "  Matched       {in_scope:>8} to a user of the directory who is in scope")?;
        writeln!(out, "  Out of scope  {out_of_scope:>8} to a user of the directory who is not in scope")?;
        writeln!(out, "  Unmatched     {:>8} to no user of the directory", unmatched.len())?;
        for account in unmatched.into_iter().filter(|_| listing) {
            let state = if account.active == Some(false) { ", inactive" } else { "" };
            writeln!(out, "    {} (id {}{state})", printable(&account.name), printable(&account.id))?;
        }
        for ListProblem { attribute, expected, found } in &self.problems {
            writeln!(out, "  Differs   /Users {attribute}: expected {expected:?}, found {:?}", printable(found))?;
        }
        Ok(())
    }

    /// The result as JSON.
    pub fn report(&self, client: &Client) -> Value {
        let accounts = self.accounts.iter().map(|account| {
            let owner = account.owner.as_ref();
            json!({
                "id": account.id, "userName": account.name, "active": account.active,
                "matched": owner.map(|owner| json!({"id": owner.id, "identity": owner.identity, "inScope": owner.in_scope})),
            })
        });
        let problem = |problem: &ListProblem| json!({"attribute": problem.attribute, "expected": problem.expected, "found": problem.found});
        json!({"discovery": {
            "tenantUrl": client.base(), "requests": client.requests(), "accounts": accounts.collect::<Vec<_>>(),
            "faults": self.problems.iter().map(problem).collect::<Vec<_>>(),
        }})
    }
}
