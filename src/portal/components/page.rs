//! The frame of a page: its heading, the way to it, its actions; and what stands there when there is nothing.

use leptos::prelude::*;
use leptos_meta::Title;

use super::Glyph;

/// Steps that lead to a page, the page itself left out: words and addresses.
pub type Breadcrumbs = Vec<(&'static str, &'static str)>;

/// A page of the console.
#[component]
pub fn Page(
    /// Its heading, and its title in the browser.
    #[prop(into)]
    title: String,
    /// A sentence below the heading.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Steps that lead here.
    #[prop(optional)]
    breadcrumbs: Breadcrumbs,
    /// What can be done with the whole page.
    #[prop(optional_no_strip)]
    actions: Option<AnyView>,
    /// Whether it holds a form or words rather than lists.
    #[prop(optional)]
    narrow: bool,
    /// The page.
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
            breadcrumbs.into_iter().map(|(words, path)| view! { <li><a href=path>{words}</a></li> }).collect_view();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>{steps}</ol>
            </nav>
        }
    })
}

/// A page of those who are not signed in: one card in the middle.
#[component]
pub fn CardPage(
    /// Its heading, and its title in the browser.
    #[prop(into)]
    title: String,
    /// A sentence below the heading.
    #[prop(optional, into)]
    lead: String,
    /// The card's content.
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
    /// Whether it is the page's own heading.
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

/// What stands where a list would be.
#[component]
pub fn EmptyState(
    /// An icon for it.
    icon: icondata::Icon,
    /// What is not there.
    title: &'static str,
    /// Why, and what to do.
    #[prop(into)]
    text: String,
    /// A link that does it.
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

/// The product's mark.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-tile" width="32" height="32" rx="8" />
            <path class="mark-line" d="M8 10.5h9M8 16h6M8 21.5h4M15.5 20.5l3.2 3.2 6-7" />
        </svg>
    }
}
