//! Opens an installation's data: the folder, the database and, where needed, the key.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    auth::token::{KEY_FILE, TokenKey},
    clock::Clock,
    commands::{Failure, lock},
    model::{
        id::TenantId,
        journal::{Actor, NewEntry},
        tenant::Tenant,
    },
    store::{Store, is_behind},
};

/// Advice for a key that is missing or does not match.
const KEY_ADVICE: &str = "restore the file from a backup, or revoke the tokens with `rollcall token revoke --all` and create \
                          new ones";

/// The opened data of an installation.
#[derive(Debug)]
pub struct Data {
    /// The database.
    pub store: Store,
    /// The system clock.
    pub clock: Clock,
    folder: PathBuf,
}

/// Opens the data and creates it if there is none. Migrations need the lock on the folder: they must not run beside a server
/// of the previous version, nor twice at once.
///
/// # Errors
/// When the folder cannot be written, the database cannot be used, or it has to be migrated while it is in use.
pub async fn open_or_create(folder: &Path) -> Result<Data, Failure> {
    create_folder(folder)?;
    let _lock = if is_behind(&database(folder)).await {
        let in_use = |held| Failure::new(format!("the database has to be created or migrated, and {held}"));
        Some(lock::acquire(folder).map_err(in_use)?)
    } else {
        None
    };
    open_locked(folder).await
}

/// The same for a caller that holds the lock on the folder, which exists.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_locked(folder: &Path) -> Result<Data, Failure> {
    // The database contains personal data, so its files are private whatever the folder's mode is. SQLite gives its other
    // files the mode of this one.
    let file = database(folder);
    let private = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&file);
    drop(private.map_err(|why| Failure::new(format!("{} cannot be written: {why}", file.display())))?);
    let store = Store::open(&database(folder)).await;
    let store =
        store.map_err(|error| Failure::new(format!("the database in {} cannot be used: {error}", folder.display())))?;
    Ok(Data { store, clock: Clock::system(), folder: folder.to_owned() })
}

/// Creates the data folder if there is none, and checks that it can be written: SQLite would fail only at the first change.
///
/// # Errors
/// When it cannot.
pub fn create_folder(folder: &Path) -> Result<(), Failure> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.and_then(|()| tempfile::tempfile_in(folder)).map_err(|why| unwritable(folder, &why))?;
    Ok(())
}

fn unwritable(folder: &Path, why: &io::Error) -> Failure {
    Failure::new(format!("the data folder {} cannot be written: {why}", folder.display()))
}

/// Opens data that must exist.
///
/// # Errors
/// When there is none, and as [`open_or_create`].
pub async fn open_existing(folder: &Path) -> Result<Data, Failure> {
    if database(folder).is_file() {
        return open_or_create(folder).await;
    }
    Err(Failure::new(format!(
        "there is no database in {}; is --data-dir or ROLLCALL_DATA_DIR right?",
        folder.display()
    )))
}

/// Whether a key is the one that a database's tokens were hashed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMatch {
    /// It is the same key.
    Same,
    /// It is a different key.
    Different,
    /// No key was used with the database yet.
    Unknown,
}

/// Compares a key with the fingerprint stored in a database.
#[must_use]
pub fn match_key(known: Option<[u8; 32]>, key: &TokenKey) -> KeyMatch {
    match known {
        None => KeyMatch::Unknown,
        Some(known) if known == fingerprint(key) => KeyMatch::Same,
        Some(_) => KeyMatch::Different,
    }
}

/// Identifies the key without revealing it.
fn fingerprint(key: &TokenKey) -> [u8; 32] {
    key.seal("rollcall installation v1", &[])
}

/// Path of the database file.
#[must_use]
pub fn database(folder: &Path) -> PathBuf {
    folder.join("rollcall.db")
}

impl Data {
    /// The key of the tokens' hashes. It is created if there is none, unless valid tokens depend on a lost one.
    ///
    /// # Errors
    /// When the key cannot be used or is lost: a new key would silently invalidate every token.
    pub async fn token_key(&self) -> Result<TokenKey, Failure> {
        let folder = self.folder.display();
        let failed = |error: io::Error| Failure::new(format!("the key in {folder} cannot be used: {error}"));
        let key_needed = self.store.any_valid_token(self.clock.now()).await?;
        if key_needed && !TokenKey::exists(&self.folder).map_err(failed)? {
            return Err(Failure::new(format!(
                "{KEY_FILE} is missing from {folder}, and the tokens in the database there do not work without it: \
                 {KEY_ADVICE}"
            )));
        }
        let key = TokenKey::load_or_create(&self.folder).map_err(failed)?;
        match match_key(self.store.key_mark().await?, &key) {
            KeyMatch::Same => {}
            KeyMatch::Different if key_needed => {
                return Err(Failure::new(format!(
                    "{KEY_FILE} in {folder} is not the key that the tokens in the database there were created with, so \
                     that none of them works: {KEY_ADVICE}"
                )));
            }
            KeyMatch::Unknown | KeyMatch::Different => self.store.set_key_mark(fingerprint(&key)).await?,
        }
        Ok(key)
    }

    /// The tenant named on the command line, or else the only one.
    ///
    /// # Errors
    /// When there is no such tenant, or none is named and there is not exactly one.
    pub async fn tenant(&self, named: Option<&str>) -> Result<Tenant, Failure> {
        let mut tenants = self.store.tenants().await?;
        if let Some(named) = named {
            let id = TenantId::from_str(named).ok();
            let found = tenants.into_iter().find(|tenant| Some(tenant.id) == id || tenant.name == named);
            return found.ok_or_else(|| Failure::new(format!("there is no tenant {named:?}")));
        }
        match (tenants.len(), tenants.pop()) {
            (1, Some(only)) => Ok(only),
            (0, _) => Err(Failure::new(
                "there is no company yet: use the set-up link that `rollcall serve` prints, or `rollcall admin create`",
            )),
            (count, _) => Err(Failure::new(format!(
                "there are {count} tenants: say which with --tenant; `rollcall tenant list` shows them"
            ))),
        }
    }

    /// The journal entry for a command.
    #[must_use]
    pub fn entry(&self, identity: &str, command: &str, detail: String) -> NewEntry {
        NewEntry {
            method: "COMMAND".to_owned(),
            path: command.to_owned(),
            request_id: self.clock.new_id().to_string(),
            ..NewEntry::other(self.clock.now(), Actor::Command, identity, detail)
        }
    }
}
