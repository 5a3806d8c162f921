//! The performance of Rollcall, measured from outside: the release build under load over HTTP. It prints one table in which
//! every figure is a ratio to a baseline of the same run.
//!
//! `make bench` uses 1,000 and 100,000 users, `make bench-full` a million, too; or run
//! `cargo bench --features ssr --bench speed -- 1000 100000` with other sizes. The databases are kept in
//! `target/bench` for the next run. `wire`, `flat`, `synchronisation`, `portal` and `store` after the sizes select parts:
//! the endpoint over HTTP, its lookups by size, an initial synchronization, the portal's pages, and growth within one process. `full`
//! synchronizes 100,000 users.
#![expect(clippy::disallowed_methods, reason = "a stopwatch needs the time")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed, and prints its table"
)]

mod installation;
mod load;
mod membership;
mod portal;
mod processes;
mod raw;
mod sample_users;
mod size_comparison;
mod store;
mod synchronisation;
mod wire;

use std::env;

use rollcall::{model::id::TenantId, store::Store};

use installation::Installation;

const T0: i64 = 1_763_852_000_000;

#[tokio::main]
async fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let selected = |word: &str| words.iter().any(|selected| selected == word);
    if selected("bare") {
        return processes::answer_bare().await;
    }
    let sizes: Vec<u32> = words.iter().filter_map(|size| size.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 100_000] } else { sizes };
    for size in &sizes {
        Installation::prepare(*size).await;
    }
    let chosen = ["wire", "flat", "synchronisation", "portal", "store"].into_iter().any(selected);
    let wanted = |part: &str| !chosen || selected(part);
    if wanted("wire") {
        wire::heading();
        for size in &sizes {
            wire::measure(*size).await;
        }
    }
    if wanted("flat") {
        size_comparison::measure(&sizes).await;
    }
    if wanted("synchronisation") {
        for at_once in [1, 8, 32] {
            synchronisation::measure(if selected("full") { 100_000 } else { 5_000 }, at_once).await;
        }
    }
    if wanted("portal") {
        portal::measure(&sizes).await;
    }
    if wanted("store") {
        growth(&sizes).await;
    }
}

/// Queries inside one process, by the number of users.
async fn growth(sizes: &[u32]) {
    let (mut all, mut groups) = (Vec::new(), Vec::new());
    for size in sizes {
        let installation = Installation::copy(*size);
        let store = Store::open(&installation.database()).await.unwrap();
        all.push(store::measure(&store, TenantId(1), *size).await);
        groups.push(membership::measure(&store, TenantId(1), *size / 10).await);
        groups.push(membership::measure(&store, TenantId(1), *size - 100).await);
        store.close().await;
    }
    store::table("users", sizes, &all);
    let members: Vec<u32> = sizes.iter().flat_map(|size| [size / 10, size - 100]).collect();
    store::table("members of a group", &members, &groups);
}
