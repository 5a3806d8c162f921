//! The layout of a page: heading, breadcrumbs and actions; and the empty state.

use leptos::prelude::*;
use leptos_meta::Title;

use super::Glyph;

/// The labels and paths of the pages above a page.
pub type Breadcrumbs = Vec<(&'static str, &'static str)>;

/// A page of the console.
#[component]
pub fn Page(
    /// The heading, and the title of the document.
    #[prop(into)]
    title: String,
    /// A sentence below the heading.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The pages above it.
    #[prop(optional)]
    breadcrumbs: Breadcrumbs,
    /// The buttons beside the heading.
    #[prop(optional_no_strip)]
    actions: Option<AnyView>,
    /// Whether it is narrow, for forms and text.
    #[prop(optional)]
    narrow: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <div class=if narrow { "page narrow" } else { "page" }>
            <header class="page-head">
                <div class="title">
                    <BreadcrumbNav breadcrumbs />
                    <h1>{title}</h1>
                    {lead.map(|lead| view! { <p>{lead}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
            </header>
            {children()}
        </div>
    }
}

#[component]
fn BreadcrumbNav(breadcrumbs: Breadcrumbs) -> impl IntoView {
    (!breadcrumbs.is_empty()).then(|| {
        let steps =
            breadcrumbs.into_iter().map(|(label, path)| view! { <li><a href=path>{label}</a></li> }).collect_view();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>{steps}</ol>
            </nav>
        }
    })
}

/// A page with one card, without the console around it.
#[component]
pub fn CardPage(
    /// The heading, and the title of the document.
    #[prop(into)]
    title: String,
    /// A sentence below the heading.
    #[prop(optional, into)]
    lead: String,
    /// The content of the card.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <main class="plain">
            <span class="brand">
                <Logo />
                <b>"Rollcall"</b>
            </span>
            <section class="card" aria-labelledby="card-title">
                <CardHeader id="card-title" title lead main=true />
                {children()}
            </section>
        </main>
    }
}

/// The heading of a card.
#[component]
pub fn CardHeader(
    /// The heading's id, for `aria-labelledby`.
    #[prop(into)]
    id: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence below it.
    #[prop(optional, into)]
    lead: String,
    /// Whether it is the heading of the page.
    #[prop(optional)]
    main: bool,
) -> impl IntoView {
    view! {
        <header>
            <div>
                {if main {
                    view! { <h1 id=id>{title}</h1> }.into_any()
                } else {
                    view! { <h2 id=id>{title}</h2> }.into_any()
                }}
                {(!lead.is_empty()).then(|| view! { <p>{lead}</p> })}
            </div>
        </header>
    }
}

/// What is shown instead of an empty list.
#[component]
pub fn EmptyState(
    /// The icon.
    icon: icondata::Icon,
    /// The heading.
    title: &'static str,
    /// The reason, and what to do.
    #[prop(into)]
    text: String,
    /// A link that helps.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Glyph icon />
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// The product's logo.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-tile" width="32" height="32" rx="8" />
            <path class="mark-line" d="M8 10.5h9M8 16h6M8 21.5h4M15.5 20.5l3.2 3.2 6-7" />
        </svg>
    }
}
