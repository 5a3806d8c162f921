//! Set-up of a new installation, and sign-in.

use leptos::{either::EitherOf3, form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{action_error, field_error, form_message, when_loaded::when_loaded};
use crate::portal::{
    api::accounts::{SetUp, SignIn, SignInState, check_set_up_link, read_sign_in_state},
    components::{CardPage, FormError, Notice, TextField, Tone},
};

/// Names the company and creates the first administrator.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|query| query.get("token").unwrap_or_default()));
    let link = Resource::new(move || token.get(), check_set_up_link);
    let set_up = ServerAction::<SetUp>::new();
    view! {
        <CardPage title="Set up Rollcall" lead="Name your company and create the first administrator account.">
            {when_loaded(link, move |good| {
                if good {
                    view! { <SetUpForm set_up token=token.get_untracked() /> }.into_any()
                } else {
                    view! {
                        <Notice tone=Tone::Warn>
                            <p>"This link has expired."</p>
                            <p>"While there is no account, the server’s console shows the current link."</p>
                        </Notice>
                        <a class="button" href="/sign-in">
                            "Go to sign-in"
                        </a>
                    }
                        .into_any()
                }
            })}
        </CardPage>
    }
}

#[component]
fn SetUpForm(set_up: ServerAction<SetUp>, token: String) -> impl IntoView {
    let problem = action_error(set_up);
    view! {
        <ActionForm action=set_up>
            <div class="form">
                <FormError message=form_message(problem) />
                <input type="hidden" name="token" value=token />
                <TextField name="company" label="Company" autocomplete="organization" error=field_error(problem, "company") />
                <TextField name="display_name" label="Your name" autocomplete="name" error=field_error(problem, "display_name") />
                <TextField
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    hint="You’ll use this to sign in."
                    error=field_error(problem, "email")
                />
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    minlength=12
                    hint="At least 12 characters. A sentence is fine."
                    error=field_error(problem, "password")
                />
                <button class="button primary" type="submit">
                    "Create account"
                </button>
            </div>
        </ActionForm>
    }
}

/// Signs an administrator in.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = Memo::new(move |_| query.with(|query| query.get("next").unwrap_or_default()));
    let sign_in_state = Resource::new(|| (), |()| read_sign_in_state());
    let sign_in = ServerAction::<SignIn>::new();
    view! {
        <CardPage title="Sign in">
            {when_loaded(sign_in_state, move |sign_in_state| match sign_in_state {
                SignInState::SignedOut => EitherOf3::A(view! { <SignInForm sign_in next=next.get_untracked() /> }),
                SignInState::SetUpRequired => {
                    EitherOf3::B(
                        view! {
                            <Notice tone=Tone::Info>
                                <p>"Rollcall is not set up yet."</p>
                                <p>"Open the set-up link shown on the server’s console."</p>
                            </Notice>
                        },
                    )
                }
                SignInState::SignedIn => {
                    EitherOf3::C(
                        view! {
                            <p>"You are already signed in."</p>
                            <a class="button primary" href="/users">
                                "Go to Manage Users"
                            </a>
                        },
                    )
                }
            })}
        </CardPage>
    }
}

#[component]
fn SignInForm(sign_in: ServerAction<SignIn>, next: String) -> impl IntoView {
    let problem = action_error(sign_in);
    view! {
        <ActionForm action=sign_in>
            <div class="form">
                <FormError message=form_message(problem) />
                <input type="hidden" name="next" value=next />
                <TextField name="email" label="E-mail" kind="email" autocomplete="username" />
                <TextField name="password" label="Password" kind="password" autocomplete="current-password" />
                <button class="button primary" type="submit">
                    "Sign in"
                </button>
            </div>
        </ActionForm>
    }
}
