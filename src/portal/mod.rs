//! The portal: what people see. Rendered on the server, woken in the browser, usable before that happens. It knows the
//! server only through `api`, and never speaks of SCIM requests: those are the endpoint's.

mod app;

pub use app::{App, shell};
