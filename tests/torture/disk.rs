//! The shim between the program and its disk (`disk.c`): made to fail, or made to write down what was written.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::program::Installation;

/// A fault of a disk, as the shim reads it: errno and operations.
#[derive(Clone, Copy)]
pub struct Fault {
    pub name: &'static str,
    told: &'static str,
    /// Whether it is a full disk, which has a status of its own.
    pub full: bool,
}

pub const FULL: Fault = Fault { name: "full", told: "28 wt", full: true };
pub const READ_ONLY: Fault = Fault { name: "read-only", told: "30 wtos", full: false };
pub const NO_WRITE: Fault = Fault { name: "I/O error on write", told: "5 wt", full: false };
pub const NO_SYNC: Fault = Fault { name: "I/O error on sync", told: "5 s", full: false };

/// The shim, compiled.
pub struct Disk {
    shim: PathBuf,
    switch: PathBuf,
    folder: PathBuf,
}

impl Disk {
    pub fn of(installation: &Installation) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture/disk.c");
        let shim = installation.beside("disk.so");
        let mut compile = Command::new("cc");
        compile.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&shim).arg(source).args(["-ldl", "-lpthread"]);
        assert!(compile.status().expect("there is a C compiler, cc").success());
        Self { shim, switch: installation.beside("switch"), folder: installation.folder.clone() }
    }

    /// Puts the shim under a command.
    pub fn under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.shim).env("DISK_FOLDER", &self.folder).env("DISK_SWITCH", &self.switch);
    }

    pub fn fail(&self, fault: Fault) {
        // Made aside, so that the shim never reads half of it.
        let aside = self.switch.with_extension("new");
        fs::write(&aside, fault.told).expect("a switch");
        fs::rename(&aside, &self.switch).expect("a switch");
    }

    pub fn mend(&self) {
        fs::remove_file(&self.switch).expect("it was there");
    }
}
