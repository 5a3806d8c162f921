//! Data folders: created once, stored in `target/bench`, and copied for each use.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::Instant,
};

use rollcall::{
    auth::{
        password::{Password, Passwords},
        token::{PlainToken, TokenKey},
    },
    clock::Clock,
    model::{
        id::{TenantId, TokenId},
        tenant::Settings,
    },
    store::{NewToken, Store},
};
use tempfile::TempDir;

use crate::sample_users::{entry_of_tenant, fill};

/// The administrator.
pub const EMAIL: &str = "it@contoso.example";
pub const PASSWORD: &str = "correct horse battery";

/// A data folder with one tenant and its users.
pub struct Installation {
    folder: TempDir,
    /// The secret token.
    pub token: String,
}

impl Installation {
    /// Creates the folder to copy from, unless it exists.
    pub async fn prepare(size: u32) {
        let kept = stored(size);
        if kept.join("token").exists() {
            return;
        }
        drop(fs::remove_dir_all(&kept));
        fs::create_dir_all(&kept).unwrap();
        let store = Store::open(&kept.join("rollcall.db")).await.unwrap();
        let clock = Clock::system();
        let now = clock.now();
        let tenant = store.create_tenant("Bench", now).await.unwrap().id;
        assert_eq!(tenant, TenantId(1));
        let settings = Settings { provisioning: true, user_name_limit: 0, ..Settings::default() };
        store.change_settings(tenant, move |it| *it = settings, &entry_of_tenant()).await.unwrap();
        let hash = Passwords::default().hash(Password::shown(PASSWORD.to_owned())).await.unwrap();
        store.create_account(tenant, EMAIL, "IT", hash.as_str(), now).await.unwrap();
        let secret = PlainToken::generate();
        let hash = TokenKey::load_or_create(&kept).unwrap().hash(&secret).0;
        let (id, name, created_by) = (TokenId(clock.new_id()), "Bench".to_owned(), "bench".to_owned());
        let token = NewToken { id, name, hash, created_by, expires: None };
        store.create_token(tenant, &token, &entry_of_tenant(), now).await.unwrap();
        let began = Instant::now();
        fill(&store, tenant, size).await;
        store.close().await;
        println!("{size} users written in {} s, each with its journal entry", began.elapsed().as_secs());
        fs::write(kept.join("token"), secret.reveal()).unwrap();
    }

    /// A copy to work with, deleted when it is dropped.
    pub fn copy(size: u32) -> Self {
        let kept = stored(size);
        let folder = tempfile::tempdir_in(root()).unwrap();
        for name in ["rollcall.db", "secret.key"] {
            fs::copy(kept.join(name), folder.path().join(name)).unwrap();
            // Otherwise the kernel would write gigabytes during the measurement.
            fs::File::open(folder.path().join(name)).unwrap().sync_all().unwrap();
        }
        Self { folder, token: fs::read_to_string(kept.join("token")).unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("rollcall.db")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench")
}

/// The folder depends on the generated users and the schema.
fn stored(size: u32) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    include_str!("sample_users.rs").hash(&mut hasher);
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut files: Vec<_> = fs::read_dir(migrations).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files {
        fs::read(file).unwrap().hash(&mut hasher);
    }
    root().join(format!("{size}-{:08x}", hasher.finish() >> 32))
}
