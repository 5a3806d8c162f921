//! The portal for administrators. Rendered on the server and hydrated in the browser; it works without scripts, too. It
//! accesses the server only through `api`, and does not know SCIM requests.

mod app;
pub mod components;
pub mod error;
pub mod pages;

pub mod api;

pub use app::{App, PageAssets, shell};
