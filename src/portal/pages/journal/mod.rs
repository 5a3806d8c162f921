//! Provisioning Logs: the list, and one entry.

mod entry;
mod list;
mod query;

pub use entry::EntryPage;
pub use list::JournalPage;
