//! Which module may import which: imports go from the upper layers to the lower ones, and the endpoint and the portal do
//! not import each other.

use super::sources;

/// Module → what it must not import: paths that begin with `crate::`, and names of crates.
const FORBIDDEN: &[(&str, &[&str])] = &[
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
    ("entra", SERVER_CODE),
    ("entra", &["crate::check"]),
    ("check", SERVER_CODE),
    ("check", &["crate::entra"]),
];

/// The simulator and the conformance check import none of the server's code: shared code would share its mistakes.
const SERVER_CODE: &[&str] = &[
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

#[test]
fn modules_import_only_lower_layers() {
    let mut violations = Vec::new();
    for (module, forbidden) in FORBIDDEN {
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
                        violations.push(format!("{path}:{}: {module} must not import {name}", number + 1));
                    }
                }
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
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

/// Whether `name` occurs as a whole: `sqlx::`, but not within `mysqlx::`.
fn mentions(code: &str, name: &str) -> bool {
    let boundary = |text: &str, at: usize, length: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + length..].chars().next();
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        !before.is_some_and(|c| letter(c) || c == ':') && (name.ends_with(':') || !after.is_some_and(letter))
    };
    code.match_indices(name).any(|(at, found)| boundary(code, at, found.len()))
}

fn within(path: &str, module: &str) -> bool {
    path == format!("src/{module}.rs") || path.starts_with(&format!("src/{module}/"))
}
