//! The components of pages. They take values and callbacks, and know neither the server nor any page.

mod badge;
mod copy;
mod dialog;
mod facts;
mod field;
mod filters;
mod icon;
mod memberships;
mod notice;
mod page;
mod pagination;
mod table;
mod timestamp;

pub use badge::{Badge, ResultBadge, SourceBadge, StateBadge, Tone};
pub use copy::CopyField;
pub use dialog::{ConfirmationButtons, ConfirmationDialog};
pub use facts::{ChangeList, Fact, actor_name};
pub use field::{CheckboxField, Choice, SelectField, TextField};
pub use filters::{FilterForm, SearchField};
pub use icon::Glyph;
pub use memberships::Memberships;
pub use notice::{FormError, Notice};
pub use page::{Breadcrumbs, CardHeader, CardPage, EmptyState, Logo, Page};
pub use pagination::{Pagination, SortableHeader};
pub use table::{ColumnHeader, NoMatches, Table};
pub use timestamp::{DateOnly, ShortTimestamp, Timestamp, format_date};
