//! Opening an installation's data: the folder, the database and, for those who need it, the key.

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

/// What to do about a key that is not the one.
const KEY_ADVICE: &str = "put the file back from a backup, or give the tokens up with `rollcall token revoke --all` and make \
                       new ones";

/// The data of one installation, opened.
#[derive(Debug)]
pub struct Data {
    /// The database.
    pub store: Store,
    /// The machine's clock.
    pub clock: Clock,
    folder: PathBuf,
}

/// Opens the data, making it where there is none. A database is not brought up to date under a server that knows it only as
/// it is, nor by two at once.
///
/// # Errors
/// When the folder cannot be written, the database cannot be used, or it is older and somebody else uses it.
pub async fn open_or_create(folder: &Path) -> Result<Data, Failure> {
    create_folder(folder)?;
    let _lock = if is_behind(&database(folder)).await {
        let told = |held| Failure::new(format!("the database has to be made or brought up to date, and {held}"));
        Some(lock::acquire(folder).map_err(told)?)
    } else {
        None
    };
    open_locked(folder).await
}

/// The same for whoever holds the lock on the folder, which is there.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_locked(folder: &Path) -> Result<Data, Failure> {
    // The database holds names and addresses: whoever else may look into the folder, the files are the owner's. SQLite
    // gives its other files the mode of this one.
    let file = database(folder);
    let private = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&file);
    drop(private.map_err(|why| Failure::new(format!("{} cannot be written: {why}", file.display())))?);
    let store = Store::open(&database(folder)).await;
    let store =
        store.map_err(|error| Failure::new(format!("the database in {} cannot be used: {error}", folder.display())))?;
    Ok(Data { store, clock: Clock::system(), folder: folder.to_owned() })
}

/// Makes the data folder where there is none, and proves that it can be written: SQLite would only find out with the first
/// change.
///
/// # Errors
/// When it cannot.
pub fn create_folder(folder: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.and_then(|()| tempfile::tempfile_in(folder)).map_err(|why| unwritable(folder, &why))?;
    Ok(())
}

fn unwritable(folder: &Path, why: &io::Error) -> Failure {
    Failure::new(format!("the data folder {} cannot be written: {why}", folder.display()))
}

/// Opens data that must be there already.
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

/// Whether a key is the one that a database's tokens were made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMatch {
    /// It is.
    Same,
    /// It is another.
    Different,
    /// The database does not say: no key was used with it yet.
    Unknown,
}

/// Compares a key with the mark in a database.
#[must_use]
pub fn match_key(known: Option<[u8; 32]>, key: &TokenKey) -> KeyMatch {
    match known {
        None => KeyMatch::Unknown,
        Some(known) if known == fingerprint(key) => KeyMatch::Same,
        Some(_) => KeyMatch::Different,
    }
}

/// What only this key can make, and what tells nothing of it.
fn fingerprint(key: &TokenKey) -> [u8; 32] {
    key.seal("rollcall installation v1", &[])
}

/// Where the database lies.
#[must_use]
pub fn database(folder: &Path) -> PathBuf {
    folder.join("rollcall.db")
}

impl Data {
    /// The key of the tokens' hashes, made where there is none and none is missed.
    ///
    /// # Errors
    /// When the key cannot be used, or is lost: a new one would quietly shut out every token there is.
    pub async fn token_key(&self) -> Result<TokenKey, Failure> {
        let folder = self.folder.display();
        let failed = |error: io::Error| Failure::new(format!("the key in {folder} cannot be used: {error}"));
        let wanted = self.store.any_valid_token(self.clock.now()).await?;
        if wanted && !TokenKey::exists(&self.folder).map_err(failed)? {
            return Err(Failure::new(format!(
                "{KEY_FILE} is missing from {folder}, and without it none of the tokens in the database there works: \
                 {KEY_ADVICE}"
            )));
        }
        let key = TokenKey::load_or_create(&self.folder).map_err(failed)?;
        match match_key(self.store.key_mark().await?, &key) {
            KeyMatch::Same => {}
            KeyMatch::Different if wanted => {
                return Err(Failure::new(format!(
                    "{KEY_FILE} in {folder} is not the key that the tokens in the database there were made with, and none \
                     of them works with it: {KEY_ADVICE}"
                )));
            }
            KeyMatch::Unknown | KeyMatch::Different => self.store.set_key_mark(fingerprint(&key)).await?,
        }
        Ok(key)
    }

    /// The tenant that is meant: the one named, else the only one.
    ///
    /// # Errors
    /// When there is none, or more than one and none is named.
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

    /// What the journal tells of a command.
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
