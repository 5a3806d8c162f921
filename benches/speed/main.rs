//! How fast Rollcall is, measured from outside: the program as it is shipped, under load over HTTP, beside what the
//! machine does without it in the same minutes. One table; every figure is a ratio to a baseline of the same run.
//!
//! `make bench` takes 1,000 and 100,000 users, `make bench-full` a million too; or
//! `cargo bench --features ssr --bench speed -- 1000 100000` with sizes of your own. Filled databases are kept in
//! `target/bench` for the next run. `wire`, `flat`, `synchronisation`, `portal` and `store` behind the sizes measure only that:
//! the endpoint over HTTP, its lookups by size, a first synchronisation, the portal's pages, and what grows inside one process. `full` makes
//! the synchronisation one of 100,000 people.
#![expect(clippy::disallowed_methods, reason = "a stopwatch needs the time")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed, and prints its table"
)]

mod flat;
mod installation;
mod load;
mod membership;
mod people;
mod portal;
mod processes;
mod raw;
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
    let said = |word: &str| words.iter().any(|said| said == word);
    if said("bare") {
        return processes::answer_bare().await;
    }
    let sizes: Vec<u32> = words.iter().filter_map(|size| size.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 100_000] } else { sizes };
    for size in &sizes {
        Installation::keep(*size).await;
    }
    let chosen = ["wire", "flat", "synchronisation", "portal", "store"].into_iter().any(said);
    let wanted = |part: &str| !chosen || said(part);
    if wanted("wire") {
        wire::heading();
        for size in &sizes {
            wire::measure(*size).await;
        }
    }
    if wanted("flat") {
        flat::measure(&sizes).await;
    }
    if wanted("synchronisation") {
        for at_once in [1, 8, 32] {
            synchronisation::measure(if said("full") { 100_000 } else { 5_000 }, at_once).await;
        }
    }
    if wanted("portal") {
        portal::measure(&sizes).await;
    }
    if wanted("store") {
        growth(&sizes).await;
    }
}

/// What grows with the number of users, and what does not.
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
