//! Cargo's build script. A release build of the server holds the portal's assets (`src/server/assets.rs`), so it is out of
//! date when they are newer. Every other build is not: `cargo leptos watch` makes new ones all the time.

#![expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=scripts/assets.rs");
    let server = env::var_os("CARGO_FEATURE_SSR").is_some();
    if server && env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=target/site");
    }
}
