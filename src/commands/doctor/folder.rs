//! The data folder: whose it is, who may look into it, whether it can be written, how much room there is.

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

/// The check without which the database had better not be touched.
pub const OWNER: &str = "owner";
/// Below this the server soon has to refuse changes.
const CRITICAL_FREE_SPACE: u64 = 64 * MIB;
/// Room that a backup or a large synchronization may want at once.
const LOW_FREE_SPACE: u64 = 1024 * MIB;
const MIB: u64 = 1024 * 1024;
/// Kinds of file system, as statfs(2) lists them, that a database should not be on.
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
            let advice =
                "If that surprises you, --data-dir or ROLLCALL_DATA_DIR is not right; else the first start makes it.";
            return vec![Finding::warning("data folder", format!("There is no {shown}."), advice)];
        }
        Err(why) => {
            let advice = "Run this as the user that the server runs as.";
            return vec![Finding::broken("data folder", format!("{shown} cannot be looked into: {why}."), advice)];
        }
        Ok(metadata) if !metadata.is_dir() => {
            let advice = "Set --data-dir or ROLLCALL_DATA_DIR to a folder.";
            return vec![Finding::broken("data folder", format!("{shown} is no folder."), advice)];
        }
        Ok(_) => {}
    }
    let mut findings = vec![Finding::ok("data folder", format!("{} is there.", absolute(folder)))];
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
        None => Finding::ok(OWNER, format!("Folder and files belong to the user who runs this (uid {us}).")),
        Some(path) => {
            let uid = owner(path).unwrap_or_default();
            let found = format!("{} belongs to uid {uid}, and this runs as uid {us}.", path.display());
            let advice = format!(
                "Run every verb as the user that the server runs as (`sudo -u '#{uid}' rollcall …`), as files made by another \
                 would be out of its reach; if the owner is wrong, correct it with chown. The database was not looked at."
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
        let found = format!("Others on this machine may open {}.", path.display());
        return Finding::broken("modes", found, format!("Take that away: chmod 600 {}", path.display()));
    }
    if open(folder) {
        let advice = format!("Its files are private, so this is no leak; tidier is: chmod 700 {}", folder.display());
        return Finding::warning("modes", "Others on this machine may list the folder.", advice);
    }
    Finding::ok("modes", "Folder and files are private.")
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
        _ => return Finding::ok("file system", "It keeps its files when the machine restarts."),
    };
    Finding::warning("file system", found, advice)
}

fn free_space(folder: &Path) -> Option<Finding> {
    let disk = statvfs(folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size = fs::metadata(database(folder)).map_or(0, |metadata| metadata.len());
    let found = format!("{} MiB are free; the database has {} MiB.", free / MIB, size.div_ceil(MIB));
    let advice = "Make room before it runs out: without any, changes are refused until there is some again. A backup on the \
                  same disk needs as much as the database.";
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
    fn a_folder_that_does_not_outlive_its_container_or_machine_is_warned_of() {
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
