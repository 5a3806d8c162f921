//! Rollcall: a SCIM 2.0 endpoint for identity providers and an admin portal for people, over one directory kept in
//! one store. The modules are in reading order.

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

/// Rollcall's own types, shared with the browser.
pub mod model;

/// All SQL.
#[cfg(feature = "ssr")]
pub mod store;

/// Authentication: passwords, sessions, tokens.
#[cfg(feature = "ssr")]
pub mod auth;

/// The only write path for users and groups.
#[cfg(feature = "ssr")]
pub mod directory;

/// The conformance check for any SCIM service. It uses only HTTP and none of the server's code.
#[cfg(feature = "ssr")]
pub mod check;

/// The conformance check of this server itself, started in the portal.
#[cfg(feature = "ssr")]
pub mod connection_check;

/// The state that the endpoint and the portal share.
#[cfg(feature = "ssr")]
pub mod state;

/// The SCIM endpoint, for identity providers.
#[cfg(feature = "ssr")]
pub mod endpoint;

/// The admin portal.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod portal;

/// The simulator of Entra's provisioning service. It uses only HTTP and none of the server's code, too.
#[cfg(feature = "ssr")]
pub mod entra;

/// The HTTP server that mounts the endpoint and the portal.
#[cfg(feature = "ssr")]
pub mod server;

/// The commands of the command line.
#[cfg(feature = "ssr")]
pub mod commands;

/// Hydrates the server-rendered page in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(portal::App);
}
