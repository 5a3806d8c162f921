//! The laws of the house, checked: who imports whom, how long files are, where `cfg` may stand, and that no server
//! function answers a stranger. Known sinners stand in the lists below, each with its reason.

use std::{
    fs,
    path::{Path, PathBuf},
};

use axum::{body::Body, http::Method};

use crate::support::TestApp;

/// Server functions that anyone may call.
const OPEN: &[&str] = &["/api/sign-in", "/api/set-up", "/api/set-up-link", "/api/entrance"];

/// Module → what it must not import. `crate::` paths and the names of crates.
const LAW: &[(&str, &[&str])] = &[
    (
        "scim",
        &[
            "crate::model",
            "crate::store",
            "crate::auth",
            "crate::directory",
            "crate::state",
            "crate::endpoint",
            "crate::portal",
            "crate::entra",
            "crate::clock",
            "crate::config",
            "axum",
            "leptos",
            "std::time",
        ],
    ),
    (
        "model",
        &[
            "crate::store",
            "crate::auth",
            "crate::directory",
            "crate::state",
            "crate::endpoint",
            "crate::portal",
            "crate::entra",
            "crate::clock",
            "crate::config",
            "axum",
            "leptos",
            "std::time",
        ],
    ),
    (
        "store",
        &[
            "crate::auth",
            "crate::directory",
            "crate::state",
            "crate::endpoint",
            "crate::portal",
            "crate::clock",
            "crate::config",
            "axum",
            "leptos",
        ],
    ),
    (
        "auth",
        &[
            "crate::directory",
            "crate::connection_check",
            "crate::state",
            "crate::endpoint",
            "crate::portal",
            "axum",
            "leptos",
        ],
    ),
    (
        "directory",
        &[
            "crate::auth",
            "crate::connection_check",
            "crate::state",
            "crate::endpoint",
            "crate::portal",
            "axum",
            "leptos",
        ],
    ),
    ("clock", &["crate::config", "crate::telemetry", "crate::store"]),
    ("config", &["crate::clock", "crate::telemetry", "crate::store"]),
    ("metrics", &["crate::clock", "crate::config", "crate::store", "crate::state", "axum"]),
    ("connection_check", &["crate::directory", "crate::state", "crate::endpoint", "crate::portal", "axum", "leptos"]),
    ("state", &["crate::endpoint", "crate::portal", "crate::check"]),
    ("endpoint", &["crate::portal", "crate::entra", "crate::check", "crate::server", "leptos"]),
    ("portal", &["crate::endpoint", "crate::entra", "crate::check", "crate::server"]),
    ("portal/components", &["crate::portal::api", "crate::portal::pages", "crate::store", "crate::state"]),
    ("entra", OURS),
    ("entra", &["crate::check"]),
    ("check", OURS),
    ("check", &["crate::entra"]),
];

/// What those who stand outside, and must not share our mistakes, know nothing of.
const OURS: &[&str] = &[
    "crate::scim",
    "crate::model",
    "crate::store",
    "crate::auth",
    "crate::directory",
    "crate::connection_check",
    "crate::state",
    "crate::endpoint",
    "crate::portal",
    "crate::clock",
    "crate::config",
    "crate::server",
    "axum",
    "leptos",
];

/// Where `#[cfg(feature …)]` may stand.
const CFG: &[&str] = &["src/lib.rs", "src/main.rs", "src/portal/api/caller.rs"];

/// The longest a file may be without its tests.
const LONGEST: usize = 500;

#[test]
fn imports_go_down_and_the_faces_never_meet() {
    let mut sins = Vec::new();
    for (module, forbidden) in LAW {
        for (path, code) in sources().iter().filter(|(path, _)| within(path, module)) {
            for (number, line) in code.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for name in *forbidden {
                    let imports = if name.starts_with("crate::") {
                        mentions(code, name)
                    } else {
                        mentions(code, &format!("{name}::"))
                    };
                    if imports {
                        sins.push(format!("{path}:{}: {module} must not know {name}", number + 1));
                    }
                }
            }
        }
    }
    assert!(sins.is_empty(), "{}", sins.join("\n"));
}

/// Everything else goes through `store::database`.
#[test]
fn only_the_engine_uses_the_database_libraries() {
    let outside = sources().into_iter().filter(|(path, _)| !path.starts_with("src/store/sqlite/"));
    let users = outside.filter(|(_, code)| {
        let mut lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        lines.any(|line| mentions(line, "sqlx::") || mentions(line, "rusqlite::"))
    });
    let users: Vec<_> = users.map(|(path, _)| path).collect();
    assert!(users.is_empty(), "{users:?}");
}

/// The whole name, not the end of another: `sqlx::`, and not `mysqlx::`.
fn mentions(code: &str, name: &str) -> bool {
    let boundary = |text: &str, at: usize, length: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + length..].chars().next();
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        !before.is_some_and(|c| letter(c) || c == ':') && (name.ends_with(':') || !after.is_some_and(letter))
    };
    code.match_indices(name).any(|(at, found)| boundary(code, at, found.len()))
}

#[test]
fn features_are_told_apart_at_the_doors_only() {
    let stray = sources().into_iter().filter(|(path, code)| {
        let told_apart = code.lines().any(|line| {
            let line = line.split("//").next().unwrap_or_default();
            line.contains("cfg") && line.contains("feature")
        });
        told_apart && !CFG.contains(&path.as_str())
    });
    let stray: Vec<_> = stray.map(|(path, _)| path).collect();
    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn files_are_short() {
    let measured = sources().into_iter().filter(|(path, _)| !path.ends_with("/tests.rs"));
    let long = measured.filter_map(|(path, code)| {
        let lines = code.lines().count();
        (lines > LONGEST).then(|| format!("{path}: {lines} lines"))
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn modules_open_with_their_promise() {
    let silent: Vec<_> =
        all_sources().into_iter().filter(|(_, code)| !code.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn nothing_is_printed_but_by_commands_and_nothing_is_allowed_without_a_reason() {
    let mut sins = Vec::new();
    for (path, code) in sources() {
        for word in ["println!", "eprintln!", "dbg!", "#[allow(", "#![allow(", "todo!", "unimplemented!"] {
            if code.lines().any(|line| line.split("//").next().unwrap_or_default().contains(word)) {
                sins.push(format!("{path}: {word}"));
            }
        }
    }
    assert!(sins.is_empty(), "{sins:?}");
}

/// A redirect is no guard: the function must have refused, too.
#[tokio::test]
async fn every_server_function_refuses_strangers() {
    let app = TestApp::new().await;
    let mut guarded = 0;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        if OPEN.contains(&path) {
            continue;
        }
        guarded += 1;
        assert_eq!(
            method,
            Method::POST,
            "{path}: a function that is asked with GET is not guarded against other sites"
        );
        for cookie in ["x=y", "__Host-rollcall=AAAAAAAAAAAAAAAAAAAAAA", "__Host-rollcall=x"] {
            let mut statuses = Vec::new();
            let form = "application/x-www-form-urlencoded";
            for (content_type, body) in [(form, ARGUMENTS), (form, "id=1"), ("application/json", QUERIES)] {
                let caller = app.anon().cookie(cookie).header("content-type", content_type);
                let answer = caller.send(Method::POST, path, Body::from(body)).await;
                assert!(!answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
                assert!(!answer.text().contains("Contoso") && !answer.text().contains("rollcall_scim_"), "{path}");
                statuses.push(answer.status.as_u16());
            }
            assert!(statuses.contains(&401), "{path}: refused for its arguments only? {statuses:?}");
        }
    }
    assert!(guarded > 10, "the server functions are found");
    assert_eq!(app.state.store.tokens(app.tenant).await.unwrap().len(), 1, "and nothing was done");
}

/// Every argument that any server function has, so that none is refused for its arguments alone.
const ARGUMENTS: &str = "name=x&lifetime=Year1&overlap=Hour1&id=018f3b0a-7c1e-7000-8000-00000000000a\
    &token=018f3b0a-7c1e-7000-8000-00000000000a&provisioning=true&user_name_limit=0&version=1&user[user_name]=x\
    &kind=Group&search=&urn=x&attribute[name]=x";

/// The same for the functions that take JSON.
const QUERIES: &str = r#"{"query":{"search":"","state":null,"source":null,"order":{"column":"DisplayName","descending":false},
    "cursor":null,"limit":0,"from":null,"to":null,"status":null,"action":null,"identity":null,"hide_probes":false,"before":null}}"#;

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

fn within(path: &str, module: &str) -> bool {
    path == format!("src/{module}.rs") || path.starts_with(&format!("src/{module}/"))
}
