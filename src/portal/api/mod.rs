//! Server functions, by resource. Each first authenticates the caller and leaves the work to `directory`, `auth` and
//! `store`.

pub mod accounts;
pub mod attributes;
pub mod caller;
pub mod connection_check;
pub mod groups;
pub mod journal;
pub mod schemas;
pub mod settings;
pub mod tokens;
pub mod user_form;
pub mod user_view;
pub mod users;
