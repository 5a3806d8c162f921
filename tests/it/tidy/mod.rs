//! Rules for the source code that the compiler and clippy do not check.

mod cycles;
mod layers;
mod server_functions;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files that may contain `#[cfg(feature …)]`.
const CFG: &[&str] = &["src/lib.rs", "src/main.rs", "src/portal/api/caller.rs"];

/// Most lines of a file, without its tests.
const MAX_LINES: usize = 500;

#[test]
fn features_are_checked_only_where_allowed() {
    let misplaced = sources().into_iter().filter(|(path, code)| {
        let has_cfg = code.lines().any(|line| {
            let line = line.split("//").next().unwrap_or_default();
            line.contains("cfg") && line.contains("feature")
        });
        has_cfg && !CFG.contains(&path.as_str())
    });
    let misplaced: Vec<_> = misplaced.map(|(path, _)| path).collect();
    assert!(misplaced.is_empty(), "{misplaced:?}");
}

#[test]
fn files_are_short() {
    let measured = sources().into_iter().filter(|(path, _)| !path.ends_with("/tests.rs"));
    let long = measured.filter_map(|(path, code)| {
        let lines = code.lines().count();
        (lines > MAX_LINES).then(|| format!("{path}: {lines} lines"))
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn files_start_with_a_doc_comment() {
    let undocumented: Vec<_> =
        all_sources().into_iter().filter(|(_, code)| !code.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn no_print_macros_no_allow_attributes_no_todos() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        for word in ["println!", "eprintln!", "dbg!", "#[allow(", "#![allow(", "todo!", "unimplemented!"] {
            if code.lines().any(|line| line.split("//").next().unwrap_or_default().contains(word)) {
                violations.push(format!("{path}: {word}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:?}");
}

/// `src/**/*.rs` without its tests: file name and code.
fn sources() -> Vec<(String, String)> {
    let without_tests = |code: &str| code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
    all_sources().into_iter().map(|(path, code)| (path, without_tests(&code))).collect()
}

fn all_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let name = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(file).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
