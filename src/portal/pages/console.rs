//! The frame around every page of the console: side menu, account menu, and warnings of tokens that expire soon.

use leptos::{form::ActionForm, html, prelude::*};
use leptos_router::{
    components::{A, Outlet},
    hooks::use_location,
};

use crate::portal::{
    api::{
        accounts::{ConsoleFrameData, SignOut, read_console_frame},
        tokens::PROVISIONING_PAGE,
    },
    components::{Glyph, Logo, Notice, Tone, format_date},
};

/// The side menu, and the page beside it.
#[component]
pub fn ConsoleFrame() -> impl IntoView {
    let pathname = use_location().pathname;
    // Loaded again on every page, since tokens change; but not after signing out.
    let page = Memo::new(move |before: Option<&String>| match (pathname.get(), before) {
        (now, Some(before)) if now == "/sign-in" => before.clone(),
        (now, _) => now,
    });
    let frame = Resource::new(move || page.get(), |_| read_console_frame());
    let main = NodeRef::<html::Main>::new();
    // Screen readers continue at the beginning of a new page.
    Effect::new(move |before: Option<String>| {
        let now = pathname.get();
        if let (Some(main), true) = (main.get_untracked(), before.is_some_and(|before| before != now)) {
            // Fails only when the element is no longer part of the page.
            let _ = main.focus();
        }
        now
    });
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="console">
            <header class="side">
                <a class="brand" href="/users">
                    <Logo />
                    <span>
                        <b>"Rollcall"</b>
                        <span>
                            <Transition>
                                {move || Suspend::new(async move { frame.await.map(|frame| frame.company).ok() })}
                            </Transition>
                        </span>
                    </span>
                </a>
                <Menu />
                <Transition>
                    {move || Suspend::new(async move {
                        frame.await.ok().map(|frame| view! { <AccountMenu frame /> })
                    })}
                </Transition>
            </header>
            <main class="main" id="main" tabindex="-1" node_ref=main>
                <Transition>
                    {move || Suspend::new(async move {
                        let frame = frame.await.ok()?;
                        let elsewhere = pathname.get_untracked() != PROVISIONING_PAGE;
                        (elsewhere && !frame.expiring.is_empty()).then(|| view! { <ExpiringTokens frame /> })
                    })}
                </Transition>
                <Outlet />
            </main>
        </div>
    }
}

#[component]
fn Menu() -> impl IntoView {
    view! {
        <nav class="menu" aria-label="Console">
            <h2>"Admin"</h2>
            <ul>
                <li>
                    <A href="/users">
                        <Glyph icon=icondata::LuUsers />
                        "Manage Users"
                    </A>
                </li>
                <li>
                    <A href="/groups">
                        <Glyph icon=icondata::LuNetwork />
                        "Manage Groups"
                    </A>
                </li>
                <li>
                    <A href="/settings">
                        <Glyph icon=icondata::LuSettings />
                        "Group Settings"
                    </A>
                    <ul>
                        <li>
                            <A href="/settings/security">"Security"</A>
                        </li>
                    </ul>
                </li>
                <li>
                    <A href="/logs">
                        <Glyph icon=icondata::LuScrollText />
                        "Provisioning Logs"
                    </A>
                </li>
            </ul>
        </nav>
    }
}

#[component]
fn AccountMenu(frame: ConsoleFrameData) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    let initials: String =
        frame.display_name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    let label = format!("Account of {} {}", frame.display_name, frame.email);
    view! {
        <details class="account">
            <summary aria-label=label>
                <span class="avatar" aria-hidden="true" data-initials=initials.to_uppercase() />
                <span class="who">
                    <b>{frame.display_name.clone()}</b>
                    " "
                    <span>{frame.email.clone()}</span>
                </span>
                <Glyph icon=icondata::LuChevronsUpDown />
            </summary>
            <div class="sheet">
                <p class="signed-in">
                    "Signed in as " <b>{frame.display_name}</b> <span>{frame.email}</span>
                </p>
                <ActionForm action=sign_out>
                    <button class="button bare" type="submit">
                        <Glyph icon=icondata::LuLogOut />
                        "Sign out"
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// Warnings of tokens that expire soon: administrators rarely open the page that lists the tokens.
#[component]
fn ExpiringTokens(frame: ConsoleFrameData) -> impl IntoView {
    let sentences = frame
        .expiring
        .into_iter()
        .map(|token| {
            let end = token.expires.map(format_date).unwrap_or_default();
            view! {
                <p>
                    "The token “" {token.name} "” expires on " {end} ". "
                    <a href=PROVISIONING_PAGE>"Rotate it"</a> " before then to keep provisioning running."
                </p>
            }
        })
        .collect_view();
    view! {
        <div class="page attention">
            <Notice tone=Tone::Warn>{sentences}</Notice>
        </div>
    }
}
