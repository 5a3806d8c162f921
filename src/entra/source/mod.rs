//! The source directory, as an administrator exported it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::{SimulateError, time};

mod graph;
mod portal_csv;

/// A complete export: users and groups in the order of the files.
#[derive(Debug, Default)]
pub struct Directory {
    /// The users, without those in the recycle bin.
    pub users: Vec<SourceUser>,
    /// The groups, without those in the recycle bin. `None` when no groups file was given, which differs from no groups.
    pub groups: Option<Vec<SourceGroup>>,
    /// Users and groups that the export lists as deleted (`deletedDateTime`), with the time of deletion.
    pub deleted: BTreeMap<String, Option<i64>>,
    /// The attributes that the export contains. The CSV has no manager, for example, which must not clear managers.
    pub attributes: BTreeSet<String>,
}

/// One user of the export. Every attribute is text, as in Entra's mappings; attributes without a value are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceUser {
    /// The object id.
    pub id: String,
    /// Attributes by their names in Microsoft Graph.
    pub attributes: BTreeMap<String, String>,
}

/// One group of the export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceGroup {
    /// The object id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// Object ids of its members, users and groups, each once.
    pub members: Vec<String>,
}

impl Directory {
    /// The object ids of users and groups with this object id, userPrincipalName or displayName of a group.
    pub fn objects_named(&self, name: &str) -> Vec<&str> {
        let has_name = |user: &&SourceUser| {
            user.id == name
                || user.get("userPrincipalName").is_some_and(|upn| upn.to_lowercase() == name.to_lowercase())
        };
        let users = self.users.iter().filter(has_name).map(|user| user.id.as_str());
        let groups = self.groups.iter().flatten().filter(|group| group.id == name || group.display_name == name);
        users.chain(groups.map(|group| group.id.as_str())).collect()
    }
}

impl SourceUser {
    /// An attribute's value.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    /// The name of the user in logs.
    pub fn identity(&self) -> &str {
        self.get("userPrincipalName").or_else(|| self.get("displayName")).unwrap_or(&self.id)
    }

    /// Whether sign-in is blocked.
    pub fn is_blocked(&self) -> bool {
        self.get("accountEnabled").is_some_and(|enabled| enabled.eq_ignore_ascii_case("false"))
    }
}

/// Reads all files of an export.
pub fn read(users: &[PathBuf], groups: &[PathBuf], csv: bool) -> Result<Directory, SimulateError> {
    let mut directory = Directory::default();
    for (position, path) in users.iter().enumerate() {
        let text = read_text(path)?;
        let is_csv = csv || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let page = if is_csv { portal_csv::users(&text) } else { graph::users(&text) };
        let page = page.map_err(|why| refuse(path, why))?;
        let is_last = position + 1 == users.len();
        if page.more && is_last {
            return Err(refuse(path, INCOMPLETE));
        }
        directory.users.extend(page.users);
        directory.attributes.extend(page.attributes);
    }
    if directory.users.is_empty() {
        let why = "this export has no users; provisioning it would disable all users, so nothing was done";
        return Err(refuse(users.first().map_or(Path::new("users"), PathBuf::as_path), why));
    }
    unique(&users[0], directory.users.iter().map(|user| user.id.as_str()))?;
    for user in directory.users.extract_if(.., |user| user.get("deletedDateTime").is_some()) {
        directory.deleted.insert(user.id.clone(), user.get("deletedDateTime").and_then(time::parse));
    }
    if let Some(first) = groups.first() {
        let (mut all, mut deleted) = (Vec::new(), Vec::new());
        for (position, path) in groups.iter().enumerate() {
            let page = graph::groups(&read_text(path)?).map_err(|why| refuse(path, why))?;
            if page.more && position + 1 == groups.len() {
                return Err(refuse(path, INCOMPLETE));
            }
            all.extend(page.groups);
            deleted.extend(page.deleted);
        }
        let deleted_ids = deleted.iter().map(|(id, _)| id.as_str());
        unique(first, all.iter().map(|group| group.id.as_str()).chain(deleted_ids))?;
        directory.deleted.extend(deleted);
        directory.groups = Some(all);
    }
    Ok(directory)
}

const INCOMPLETE: &str = "the export is incomplete (it ends with @odata.nextLink): include the further pages too, or the users on \
                          them would be treated as deleted";

/// One page of users, and whether another page follows.
struct UserPage {
    users: Vec<SourceUser>,
    attributes: BTreeSet<String>,
    more: bool,
}

/// One page of groups, and whether another page follows.
struct GroupPage {
    groups: Vec<SourceGroup>,
    /// Deleted groups, with the time of deletion.
    deleted: Vec<(String, Option<i64>)>,
    more: bool,
}

fn read_text(path: &Path) -> Result<String, SimulateError> {
    let bytes = std::fs::read(path).map_err(|error| refuse(path, error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse(path, "this is not UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn unique<'a>(path: &Path, ids: impl Iterator<Item = &'a str>) -> Result<(), SimulateError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(refuse(path, format!("the object id {id} occurs twice")));
        }
    }
    Ok(())
}

fn refuse(path: &Path, why: impl Into<String>) -> SimulateError {
    SimulateError::File { path: path.display().to_string(), why: why.into() }
}
