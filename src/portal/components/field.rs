//! Form fields: a label, an input, a hint and an error, linked to each other for screen readers.

use leptos::prelude::*;

use super::Glyph;

/// A text field.
#[component]
pub fn TextField(
    /// The input's name, and its id in the page.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
    /// A hint.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The minimum length.
    #[prop(optional)]
    minlength: Option<u32>,
    /// The maximum length.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Whether it is drawn narrow.
    #[prop(optional)]
    short: bool,
    /// The error, if it is invalid.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = id_of(&name);
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = described_by(hint.is_some().then_some(hint_id.clone()), error_id.clone(), error);
    view! {
        <div class=if short { "field short" } else { "field" }>
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            <input
                id=id
                class="input"
                name=name
                type=kind
                value=value
                required=!optional
                autocomplete=autocomplete
                minlength=minlength
                maxlength=maxlength
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            <FieldError id=error_id error />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// One option of a select field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that the form sends.
    pub value: String,
    /// The label.
    pub label: String,
}

impl Choice {
    /// A choice with this value and label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A select field.
#[component]
pub fn SelectField(
    /// The input's name.
    #[prop(into)]
    name: String,
    /// Its id in the page, if another field has the same name.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The label.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// The selected value, set again when it changes.
    #[prop(into)]
    chosen: Signal<String>,
    /// A hint.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The error, if it is invalid.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = id.map_or_else(|| id_of(&name), str::to_owned);
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = described_by(hint.is_some().then_some(hint_id.clone()), error_id.clone(), error);
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = chosen.with_untracked(|chosen| *chosen == choice.value);
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id
                class="input"
                name=name
                prop:value=move || chosen.get()
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
            <FieldError id=error_id error />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// A checkbox; the form sends `true` or nothing.
#[component]
pub fn CheckboxField(
    /// The input's name, and its id in the page.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// Whether it is checked, set again when that changes.
    #[prop(into)]
    checked: Signal<bool>,
    /// An additional class.
    #[prop(default = "")]
    class: &'static str,
    /// A hint.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let id = id_of(&name);
    let hint_id = format!("{id}-hint");
    view! {
        <div class=format!("check {class}")>
            <input
                id=id.clone()
                type="checkbox"
                name=name
                value="true"
                checked=checked.get_untracked()
                prop:checked=move || checked.get()
                aria-describedby=hint.is_some().then_some(hint_id.clone())
            />
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

#[component]
fn FieldError(id: String, error: Signal<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|why| {
            view! {
                <p class="field-error" id=id.clone()>
                    <Glyph icon=icondata::LuCircleAlert />
                    <span>{why}</span>
                </p>
            }
        })
    }
}

/// An id for an input whose name, such as `user[email]`, is not suitable as an id.
fn id_of(name: &str) -> String {
    name.replace('[', "-").replace(']', "")
}

fn described_by(
    hint: Option<String>,
    error_id: String,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Clone {
    move || {
        let error = error.with(Option::is_some).then(|| error_id.clone());
        match (error, hint.clone()) {
            (Some(error), Some(hint)) => Some(format!("{error} {hint}")),
            (error, hint) => error.or(hint),
        }
    }
}
