//! The shim between the program and its disk (`disk.c`), which makes operations fail or records writes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::program::Installation;

/// A disk fault.
#[derive(Clone, Copy)]
pub struct Fault {
    pub name: &'static str,
    /// What the shim reads: errno and operations.
    switch: &'static str,
    /// Whether the disk is full, which has a status of its own.
    pub full: bool,
}

pub const FULL: Fault = Fault { name: "full", switch: "28 wt", full: true };
pub const READ_ONLY: Fault = Fault { name: "read-only", switch: "30 wtos", full: false };
pub const NO_WRITE: Fault = Fault { name: "I/O error on write", switch: "5 wt", full: false };
pub const NO_SYNC: Fault = Fault { name: "I/O error on sync", switch: "5 s", full: false };

/// The shim, compiled.
pub struct Disk {
    shim: PathBuf,
    switch: PathBuf,
    folder: PathBuf,
}

impl Disk {
    pub fn of(installation: &Installation) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture/disk.c");
        let shim = installation.sibling("disk.so");
        let mut compile = Command::new("cc");
        compile.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&shim).arg(source).args(["-ldl", "-lpthread"]);
        assert!(compile.status().expect("there is a C compiler, cc").success());
        Self { shim, switch: installation.sibling("switch"), folder: installation.folder.clone() }
    }

    /// Loads the shim into a command.
    pub fn attach(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.shim).env("DISK_FOLDER", &self.folder).env("DISK_SWITCH", &self.switch);
    }

    pub fn fail(&self, fault: Fault) {
        // Created elsewhere and moved, so that the shim never reads a partial file.
        let aside = self.switch.with_extension("new");
        fs::write(&aside, fault.switch).expect("a switch");
        fs::rename(&aside, &self.switch).expect("a switch");
    }

    pub fn repair(&self) {
        fs::remove_file(&self.switch).expect("it was there");
    }
}
