//! The file with the installation's key: created once, readable by its owner only, never half-written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use crate::auth::{hex, random::random_bytes};

/// Reads the 32 bytes at `path`, or creates them.
///
/// The new key is written to a temporary file and then linked to `path`, which fails if another process was faster: then that
/// process's key is used. So no process ever reads an empty or half-written key.
pub(super) fn load_or_create(path: &Path) -> io::Result<[u8; 32]> {
    match load(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        found => found,
    }
}

fn load(path: &Path) -> io::Result<[u8; 32]> {
    let text = fs::read_to_string(path)?;
    hex::decode_key(text.trim()).ok_or_else(|| {
        let problem = format!("{} does not hold a key of 64 hexadecimal digits", path.display());
        io::Error::new(io::ErrorKind::InvalidData, problem)
    })
}

fn create(path: &Path) -> io::Result<[u8; 32]> {
    let key = random_bytes();
    let draft = path.with_extension(format!("{}.new", hex::encode(&random_bytes()[..8])));
    let written = write_private(&draft, &hex::encode(&key)).and_then(|()| fs::hard_link(&draft, path));
    // There may be nothing to remove; a file left behind does no harm.
    let _removed = fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => load(path),
        Err(error) => Err(error),
        Ok(()) => sync_folder(path).map(|()| key),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// Makes the new name durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_created_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let key = load_or_create(&path).unwrap();
        assert_eq!(load_or_create(&path).unwrap(), key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn a_damaged_key_stops_the_start_instead_of_being_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        fs::write(&path, "short").unwrap();
        assert_eq!(load_or_create(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
