//! Manage Groups: the list, and one group.

mod detail;
mod list;
mod members;
mod query;

pub use detail::GroupPage;
pub use list::GroupsPage;
