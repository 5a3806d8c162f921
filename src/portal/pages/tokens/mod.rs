//! Tokens, as part of Provision & Integration: creating, listing, rotating and revoking them.

mod confirmation;
mod setup_steps;

pub use confirmation::TokenConfirmation;

use leptos::{form::ActionForm, html, prelude::*};

use self::setup_steps::{EntraSetupSteps, ProvisioningOffNotice};
use super::{action_error, field_error};
use crate::{
    model::token::{Lifetime, Token, TokenState},
    portal::{
        api::tokens::{GenerateToken, IssuedToken, PROVISIONING_PAGE, RevokeToken, RotateToken},
        components::{
            Badge, CardHeader, Choice, ColumnHeader, CopyField, DateOnly, EmptyState, Glyph, Notice, SelectField,
            Table, TextField, Timestamp, Tone, format_date,
        },
    },
    scim::time::DateTime,
};

/// The server actions on tokens, and the token that was created last in the browser.
#[derive(Clone, Copy)]
pub struct TokenActions {
    generate: ServerAction<GenerateToken>,
    rotate: ServerAction<RotateToken>,
    revoke: ServerAction<RevokeToken>,
    /// The token that was created last; it is shown once.
    pub latest: RwSignal<Option<IssuedToken>>,
}

impl TokenActions {
    /// Actions that have not run yet.
    pub fn new() -> Self {
        let actions = Self {
            generate: ServerAction::new(),
            rotate: ServerAction::new(),
            revoke: ServerAction::new(),
            latest: RwSignal::new(None),
        };
        let (generated, rotated) = (actions.generate.value(), actions.rotate.value());
        Effect::new(move |_| show(actions.latest, generated.get()));
        Effect::new(move |_| show(actions.latest, rotated.get()));
        actions
    }

    /// Changes each time an action ran.
    pub fn version(self) -> (usize, usize, usize) {
        (self.generate.version().get(), self.rotate.version().get(), self.revoke.version().get())
    }
}

fn show<E>(latest: RwSignal<Option<IssuedToken>>, result: Option<Result<IssuedToken, E>>) {
    if let Some(Ok(token)) = result {
        latest.set(Some(token));
    }
}

/// A new token with its secret, which is shown once.
#[component]
pub fn IssuedTokenCard(
    /// The token.
    token: IssuedToken,
    /// The URL to use it with.
    tenant_url: String,
    /// Whether provisioning is on.
    on: bool,
) -> impl IntoView {
    let section = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(section) = section.get() {
            // Fails only when the element is no longer part of the page.
            let _ = section.focus();
        }
    });
    let end = token
        .expires
        .map_or_else(|| "It does not expire.".to_owned(), |end| format!("It expires on {}.", format_date(end)));
    let old = token.old_ends.map(|end| view! { <p>"The token it replaces works until " <Timestamp at=end /> "."</p> });
    view! {
        <section class="card fresh" aria-labelledby="issued" tabindex="-1" node_ref=section>
            <CardHeader id="issued" title=format!("Token “{}” generated", token.name) lead=end />
            <Notice tone=Tone::Warn>
                <p>"Copy the secret token now. Only its hash is stored, so it cannot be shown again."</p>
                {old}
            </Notice>
            {(!on).then(|| view! { <ProvisioningOffNotice /> })}
            <CopyField id="secret-token" label="Secret Token" value=token.secret />
            <CopyField id="issued-tenant-url" label="Tenant URL" value=tenant_url />
            <h3>"Paste both into Microsoft Entra ID"</h3>
            <EntraSetupSteps />
        </section>
    }
}

/// The form that creates a token, and the list of tokens.
#[component]
pub fn TokensCard(
    /// All tokens, newest first.
    tokens: Vec<Token>,
    /// The time that their states refer to.
    now: DateTime,
    /// The server actions.
    actions: TokenActions,
) -> impl IntoView {
    let warnings = tokens.iter().filter(|token| token.state(now) == TokenState::ExpiringSoon);
    let warnings = warnings
        .map(|token| {
            let end = token.expires.map(format_date).unwrap_or_default();
            view! { <p>{format!("“{}” expires on {end}. Rotate it before then to keep provisioning running.", token.name)}</p> }
        })
        .collect_view();
    let list = if tokens.is_empty() {
        view! {
            <EmptyState
                icon=icondata::LuKeyRound
                title="No tokens yet"
                text="Your identity provider authenticates with a token. Generate one and paste it there."
            />
        }
        .into_any()
    } else {
        let rows = tokens.into_iter().map(|token| view! { <TokenTableRow token now /> }).collect_view();
        let head = view! {
            <ColumnHeader label="Token" />
            <ColumnHeader label="Last used" class="wide-only" />
            <ColumnHeader label="Expires" class="wide-only" />
            <ColumnHeader label="State" class="wide-only" />
            <th scope="col">
                <span class="visually-hidden">"Actions"</span>
            </th>
        };
        view! {
            <Table caption="Tokens" head>
                {rows}
            </Table>
        }
        .into_any()
    };
    let has_warnings = !warnings.is_empty();
    view! {
        <section class="card flush" aria-labelledby="tokens">
            <CardHeader id="tokens" title="Tokens" lead="Each token is shown once, when it is generated." />
            <div class="toolbar">
                <GenerateForm actions />
            </div>
            {has_warnings
                .then(|| {
                    view! {
                        <div class="toolbar">
                            <Notice tone=Tone::Warn>{warnings}</Notice>
                        </div>
                    }
                })} {list}
        </section>
    }
}

#[component]
fn GenerateForm(actions: TokenActions) -> impl IntoView {
    let problem = action_error(actions.generate);
    let form = NodeRef::<html::Form>::new();
    // The next token needs another name.
    Effect::new(move |_| {
        if let (Some(Ok(_)), Some(form)) = (actions.generate.value().get(), form.get_untracked()) {
            form.reset();
        }
    });
    view! {
        <ActionForm action=actions.generate node_ref=form>
            <div class="form">
                <div class="form-row">
                    <TextField
                        name="name"
                        label="Token name"
                        maxlength=60
                        hint="Where the token will be used, such as “Entra production”."
                        error=field_error(problem, "name")
                    />
                    <SelectField name="lifetime" label="Expires after" choices=lifetime_choices() chosen=default_lifetime() />
                </div>
                <div class="form-actions">
                    <button class="button primary" type="submit">
                        <Glyph icon=icondata::LuKeyRound />
                        "GENERATE TOKEN"
                    </button>
                </div>
            </div>
        </ActionForm>
    }
}

#[component]
fn TokenTableRow(token: Token, now: DateTime) -> impl IntoView {
    let (tone, text) = match token.state(now) {
        TokenState::Active => (Tone::Good, "Active"),
        TokenState::ExpiringSoon => (Tone::Warn, "Expires soon"),
        TokenState::RotatingOut { .. } => (Tone::Info, "Rotating out"),
        TokenState::Expired => (Tone::Quiet, "Expired"),
        TokenState::Revoked => (Tone::Quiet, "Revoked"),
    };
    let works = token.works(now);
    let rotates = works && token.rotated_to.is_none();
    let until = match token.state(now) {
        TokenState::RotatingOut { until } => {
            Some(view! { <span class="sub">"works until " <Timestamp at=until /></span> })
        }
        _ => None,
    };
    let expires = move || token.expires.map_or_else(|| "Never".into_any(), |at| view! { <DateOnly at /> }.into_any());
    let last_used =
        move || token.last_used.map_or_else(|| "Never".into_any(), |at| view! { <Timestamp at /> }.into_any());
    view! {
        <tr>
            <th scope="row" class="name">
                <b class="wrap">{token.name.clone()}</b>
                <span class="sub">{format!("by {}, {}", token.created_by, format_date(token.created))}</span>
                <span class="narrow-only">
                    <Badge tone text />
                </span>
                <span class="sub narrow-only">"Last used: " {last_used()}</span>
                <span class="sub narrow-only">"Expires: " {expires()}</span>
            </th>
            <td class="wide-only">{last_used()}</td>
            <td class="wide-only">{expires()}</td>
            <td class="wide-only">
                <Badge tone text />
                {until}
            </td>
            <td>
                <div class="row-actions">
                    {rotates
                        .then(|| {
                            view! {
                                <a
                                    class="button slim"
                                    href=format!("{PROVISIONING_PAGE}?rotate={}", token.id)
                                    aria-label=format!("Rotate {}", token.name)
                                    data-noscroll="true"
                                >
                                    "Rotate"
                                </a>
                            }
                        })}
                    {works
                        .then(|| {
                            view! {
                                <a
                                    class="button slim danger"
                                    href=format!("{PROVISIONING_PAGE}?revoke={}", token.id)
                                    aria-label=format!("Revoke {}", token.name)
                                    data-noscroll="true"
                                >
                                    "Revoke"
                                </a>
                            }
                        })}
                </div>
            </td>
        </tr>
    }
}

/// The choices for the lifetime of a token.
fn lifetime_choices() -> Vec<Choice> {
    Lifetime::ALL
        .map(|lifetime| {
            let label = match lifetime {
                Lifetime::Never => "Never expires",
                _ => lifetime.label(),
            };
            Choice::new(format!("{lifetime:?}"), label)
        })
        .to_vec()
}

/// The default lifetime.
fn default_lifetime() -> Signal<String> {
    Signal::stored(format!("{:?}", Lifetime::default()))
}
