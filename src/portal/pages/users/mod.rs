//! Manage Users: the list, one user, and the form.

mod actions;
mod confirmation;
mod detail;
mod form;
mod list;
mod query;

pub use detail::UserPage;
pub use form::{EditUserPage, NewUserPage};
pub use list::UsersPage;
