//! Badges for states, sources and results. The text carries the meaning; the colour only helps to scan.

use leptos::prelude::*;

use crate::model::{journal::Status, page::Source};

/// The colour of a badge or notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neutral.
    #[default]
    Quiet,
    /// Information.
    Info,
    /// Success.
    Good,
    /// Needs attention.
    Warn,
    /// Failure.
    Bad,
}

impl Tone {
    /// The class in the style sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A badge.
#[component]
pub fn Badge(
    /// Its colour.
    tone: Tone,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{text}</span> }
}

/// Active or inactive.
#[component]
pub fn StateBadge(
    /// The user's `active`.
    active: bool,
) -> impl IntoView {
    let (tone, text) = if active { (Tone::Good, "Active") } else { (Tone::Quiet, "Inactive") };
    view! { <Badge tone text /> }
}

/// Who created a user.
#[component]
pub fn SourceBadge(
    /// Who.
    source: Source,
) -> impl IntoView {
    let (tone, text) = match source {
        Source::Idp => (Tone::Info, "IDP"),
        Source::Manual => (Tone::Quiet, "Manual"),
    };
    view! { <Badge tone text /> }
}

/// The result of a request.
#[component]
pub fn ResultBadge(
    /// The result.
    status: Status,
) -> impl IntoView {
    let (tone, text) = match status {
        Status::Success => (Tone::Good, "Success"),
        Status::Failure => (Tone::Bad, "Failure"),
        Status::Skipped => (Tone::Quiet, "Skipped"),
        Status::Warning => (Tone::Warn, "Warning"),
    };
    view! { <Badge tone text /> }
}
