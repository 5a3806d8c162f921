//! The parts that pages are composed of. They take values and callbacks, and know neither the server nor any page.

mod badge;
mod copy;
mod dialog;
mod facts;
mod field;
mod filters;
mod icon;
mod memberships;
mod moment;
mod notice;
mod page;
mod paging;
mod table;

pub use badge::{Badge, ResultBadge, SourceBadge, StateBadge, Tone};
pub use copy::CopyField;
pub use dialog::{Answers, Confirmation};
pub use facts::{Changes, Fact, actor_name};
pub use field::{CheckField, Choice, SelectField, TextField};
pub use filters::{Filters, SearchField};
pub use icon::Glyph;
pub use memberships::Memberships;
pub use moment::{Day, Moment, ShortMoment, day};
pub use notice::{FormProblem, Notice};
pub use page::{Brand, Crumbs, Empty, Page, PlainPage, Titled};
pub use paging::{Paging, SortLink};
pub use table::{Column, NoMatch, Table};
