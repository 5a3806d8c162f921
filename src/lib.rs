//! Rollcall: a SCIM 2.0 endpoint for identity providers and an admin portal for people, over one directory kept in
//! one store. The modules stand in reading order.

// A page is one type that nests its whole view.
#![recursion_limit = "256"]

/// SCIM 2.0 (RFC 7643, RFC 7644) as values and total functions.
pub mod scim;

/// The only reader of time.
#[cfg(feature = "ssr")]
pub mod clock;
/// The settings of one installation.
#[cfg(feature = "ssr")]
pub mod config;
/// Log lines for operators.
#[cfg(feature = "ssr")]
pub mod telemetry;

/// A semaphore that is shared fairly among tenants.
#[cfg(feature = "ssr")]
pub mod keyed_semaphore;

/// What is counted, for Prometheus.
#[cfg(feature = "ssr")]
pub mod metrics;

/// Our own nouns, shared with the browser.
pub mod model;

/// All SQL.
#[cfg(feature = "ssr")]
pub mod store;

/// Proofs of identity: passwords, sessions, tokens.
#[cfg(feature = "ssr")]
pub mod auth;

/// The one door for changes to users and groups.
#[cfg(feature = "ssr")]
pub mod directory;

/// The readiness score of any SCIM service; an outsider that sees only HTTP.
#[cfg(feature = "ssr")]
pub mod check;

/// The same score of this very server, started by its administrators.
#[cfg(feature = "ssr")]
pub mod connection_check;

/// What both faces are handed.
#[cfg(feature = "ssr")]
pub mod state;

/// The SCIM endpoint: what identity providers see.
#[cfg(feature = "ssr")]
pub mod endpoint;

/// The portal: what people see.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod portal;

/// A stand-in for Entra's provisioning service; an outsider, too.
#[cfg(feature = "ssr")]
pub mod entra;

/// Mounts both faces.
#[cfg(feature = "ssr")]
pub mod server;

/// The verbs of the command line.
#[cfg(feature = "ssr")]
pub mod commands;

/// Wakes the server-rendered page in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(portal::App);
}
