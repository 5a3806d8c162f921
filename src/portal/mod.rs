//! The portal: what people see. Rendered on the server, woken in the browser, usable before that happens. It knows the
//! server only through `api`, and never speaks of SCIM requests: those are the endpoint's.

mod app;
pub mod components;
pub mod error;
pub mod pages;

pub mod api;

pub use app::{App, PageAssets, shell};
