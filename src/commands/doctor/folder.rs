//! Checks the data folder: owner, permissions, file system and free space.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use rustix::{
    fs::{statfs, statvfs},
    process::geteuid,
};

use super::Finding;
use crate::{auth::token::KEY_FILE, commands::open::database};

/// The check that must pass before the database is opened.
pub const OWNER: &str = "owner";
/// Below this, changes will soon fail.
const CRITICAL_FREE_SPACE: u64 = 64 * MIB;
/// What a backup or a large synchronization may need at once.
const LOW_FREE_SPACE: u64 = 1024 * MIB;
const MIB: u64 = 1024 * 1024;
/// File systems, by their statfs(2) numbers, that are unsuitable for the database.
const TMPFS: i64 = 0x0102_1994;
const RAMFS: i64 = 0x8584_58f6;
const OVERLAY: i64 = 0x794c_7630;
const NFS: i64 = 0x6969;
const CIFS: i64 = 0xff53_4d42;
const SMB2: i64 = 0xfe53_4d42;

pub fn check(folder: &Path) -> Vec<Finding> {
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            let advice = "The first start creates it. If it should exist, check --data-dir or ROLLCALL_DATA_DIR.";
            return vec![Finding::warning("data folder", format!("{shown} does not exist."), advice)];
        }
        Err(why) => {
            let advice = "Run this as the user that the server runs as.";
            return vec![Finding::broken("data folder", format!("{shown} cannot be read: {why}."), advice)];
        }
        Ok(metadata) if !metadata.is_dir() => {
            let advice = "Set --data-dir or ROLLCALL_DATA_DIR to a folder.";
            return vec![Finding::broken("data folder", format!("{shown} is not a folder."), advice)];
        }
        Ok(_) => {}
    }
    let mut findings = vec![Finding::ok("data folder", format!("{} exists.", absolute(folder)))];
    findings.push(owner(folder));
    findings.push(writable(folder));
    findings.push(modes(folder));
    findings.extend(statfs(folder).ok().map(|metadata| file_system(metadata.f_type)));
    findings.extend(free_space(folder));
    findings
}

fn owner(folder: &Path) -> Finding {
    let us = geteuid().as_raw();
    let owner = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.uid());
    let files = [folder.to_owned(), database(folder), folder.join(KEY_FILE)];
    match files.iter().find(|path| owner(path).is_some_and(|uid| uid != us)) {
        None => Finding::ok(OWNER, format!("The folder and its files belong to the current user (uid {us}).")),
        Some(path) => {
            let uid = owner(path).unwrap_or_default();
            let found = format!("{} belongs to uid {uid}, but this command runs as uid {us}.", path.display());
            let advice = format!(
                "Run every command as the server's user (`sudo -u '#{uid}' rollcall …`), as the server cannot use files of \
                 another user; if the owner is wrong, correct it with chown. The database was not checked."
            );
            Finding::broken(OWNER, found, advice)
        }
    }
}

fn writable(folder: &Path) -> Finding {
    match tempfile::tempfile_in(folder) {
        Ok(_) => Finding::ok("writable", "The folder can be written."),
        Err(why) => Finding::broken(
            "writable",
            format!("The folder cannot be written: {why}."),
            "Check its mode, whether the disk is full or mounted read-only, and, under systemd, StateDirectory and \
             ReadWritePaths.",
        ),
    }
}

fn modes(folder: &Path) -> Finding {
    let open = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    let files = [database(folder), folder.join(KEY_FILE)];
    if let Some(path) = files.iter().find(|path| open(path)) {
        let found = format!("Other users of this machine can open {}.", path.display());
        return Finding::broken("modes", found, format!("Run: chmod 600 {}", path.display()));
    }
    if open(folder) {
        let advice =
            format!("Its files are private, so nothing is exposed; to be safe, run: chmod 700 {}", folder.display());
        return Finding::warning("modes", "Other users of this machine can list the folder.", advice);
    }
    Finding::ok("modes", "The folder and its files are private.")
}

fn file_system(kind: i64) -> Finding {
    let (found, advice) = match kind {
        TMPFS | RAMFS => {
            ("The folder is in memory (tmpfs): all data is lost when the machine restarts.", "Put it on a disk.")
        }
        OVERLAY => (
            "The folder is in a container's own layer (overlay): all data is lost when the container is replaced.",
            "Mount a volume there (`docker run -v rollcall:/var/lib/rollcall`).",
        ),
        NFS | CIFS | SMB2 => (
            "The folder is on a network file system, where locks and shared memory are not reliable enough for SQLite.",
            "Put it on a local disk or on a volume that is attached as a block device.",
        ),
        _ => return Finding::ok("file system", "It is persistent."),
    };
    Finding::warning("file system", found, advice)
}

fn free_space(folder: &Path) -> Option<Finding> {
    let disk = statvfs(folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size = fs::metadata(database(folder)).map_or(0, |metadata| metadata.len());
    let found = format!("{} MiB are free; the database takes {} MiB.", free / MIB, size.div_ceil(MIB));
    let advice = "Free some space: on a full disk, changes are refused. A backup on the same disk needs as much space as the \
                  database.";
    Some(match free {
        _ if free < CRITICAL_FREE_SPACE => Finding::broken("free space", found, advice),
        _ if free < LOW_FREE_SPACE.min(size.max(CRITICAL_FREE_SPACE) * 2) => {
            Finding::warning("free space", found, advice)
        }
        _ => Finding::ok("free space", found),
    })
}

fn absolute(path: &Path) -> String {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::FindingState;

    #[test]
    fn unsuitable_file_systems_are_reported() {
        for kind in [TMPFS, RAMFS, OVERLAY, NFS, CIFS, SMB2] {
            assert_eq!(file_system(kind).state, FindingState::Warning, "{kind:#x}");
        }
        // ext4, xfs, btrfs, zfs
        for kind in [0xef53, 0x5846_5342, 0x9123_683e, 0x2fc1_2fc1] {
            assert_eq!(file_system(kind).state, FindingState::Ok, "{kind:#x}");
        }
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            assert_eq!(statfs(memory).unwrap().f_type, TMPFS);
        }
    }
}
