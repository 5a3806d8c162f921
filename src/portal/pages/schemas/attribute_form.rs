//! The form for adding and editing an attribute.

use leptos::{form::ActionForm, prelude::*};

use super::super::{action_error, field_error, form_message};
use crate::{
    portal::{
        api::schemas::{AttributeForm, SaveAttribute, SchemaView},
        components::{CardHeader, CheckboxField, Choice, CopyField, FormError, SelectField, TextField},
        error::PortalError,
    },
    scim::schema::{Kind, Mutability, Returned, Uniqueness},
};

/// The form of an attribute.
#[component]
pub(super) fn AttributeCard(
    /// The schema it belongs to.
    schema: SchemaView,
    /// The attribute, if it exists.
    known: Option<AttributeForm>,
    /// The action that saves it.
    save: ServerAction<SaveAttribute>,
) -> impl IntoView {
    let is_new = known.is_none();
    let path = known.as_ref().map(|known| schema.attribute_path(&known.name));
    let address = schema.page_path();
    let (title, lead) = match &known {
        Some(known) => (
            format!("Attribute “{}”", known.name),
            "Type, multiple values and case sensitivity can be changed only while no user has a value.",
        ),
        None => ("New attribute".to_owned(), "Values are optional unless you select Required."),
    };
    let form = known.unwrap_or_default();
    let problem = action_error(save);
    let selects = [
        [
            ("attribute[type]", "Type", kinds(), word(&form.kind)),
            ("attribute[mutability]", "Access", mutabilities(), word(&form.mutability)),
        ],
        [
            ("attribute[returned]", "Returned", returned(), word(&form.returned)),
            ("attribute[uniqueness]", "Unique", uniqueness(), word(&form.uniqueness)),
        ],
    ]
    .map(|row| {
        let row = row.map(|(name, label, choices, chosen)| {
            view! { <SelectField name label choices chosen error=field_error(problem, name) /> }
        });
        view! { <div class="form-row">{row}</div> }
    });
    view! {
        <section class="card" id="attribute-form" aria-labelledby="attribute">
            <CardHeader id="attribute" title lead />
            {path
                .map(|path| {
                    view! {
                        <CopyField
                            id="path"
                            label="Path"
                            value=path
                            hint="In Microsoft Entra: Provisioning > Attribute mapping > Show advanced options > Edit attribute list. Paste it as the name, then map a source attribute to it."
                        />
                    }
                })}
            <ActionForm action=save>
                <div class="form">
                    <FormError message=form_message(problem) />
                    <input type="hidden" name="urn" value=schema.urn />
                    <NameField name=form.name.clone() problem />
                    <TextField
                        name="attribute[description]"
                        label="Description"
                        value=form.description.clone()
                        optional=true
                        maxlength=500
                        error=field_error(problem, "attribute[description]")
                    />
                    {selects}
                    <Flags form problem />
                    <div class="form-actions">
                        {(!is_new)
                            .then(|| {
                                view! {
                                    <a class="button" href=address data-noscroll="true">
                                        "Cancel"
                                    </a>
                                }
                            })}
                        <button class="button primary" type="submit">
                            {if is_new { "Add attribute" } else { "Save attribute" }}
                        </button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}

/// The name of a new attribute. The name of an existing one cannot be changed.
#[component]
fn NameField(name: String, problem: Signal<Option<PortalError>>) -> impl IntoView {
    if name.is_empty() {
        return view! {
            <TextField
                name="attribute[name]"
                label="Name"
                maxlength=60
                hint="Letters, digits, - and _, such as badgeNumber. It cannot be changed later."
                error=field_error(problem, "attribute[name]")
            />
        }
        .into_any();
    }
    view! {
        <input type="hidden" name="was" value=name.clone() />
        <input type="hidden" name="attribute[name]" value=name />
    }
    .into_any()
}

/// The checkboxes.
#[component]
fn Flags(form: AttributeForm, problem: Signal<Option<PortalError>>) -> impl IntoView {
    let error = field_error(problem, "attribute[required]");
    view! {
        <CheckboxField
            name="attribute[multiValued]"
            label="Multiple values"
            checked=Signal::stored(form.multi_valued)
            hint="A user can have several values."
        />
        <CheckboxField
            name="attribute[required]"
            label="Required"
            checked=Signal::stored(form.required)
            hint="Users without a value are refused. You can select this once every user has one."
        />
        {move || error.get().map(|why| view! { <p class="field-error">{why}</p> })}
        <CheckboxField
            name="attribute[caseExact]"
            label="Case-sensitive"
            checked=Signal::stored(form.case_exact)
            hint="Comparisons distinguish upper and lower case."
        />
    }
}

/// The label of a type.
pub(super) const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "Text",
        Kind::Boolean => "True or false",
        Kind::Decimal => "Decimal number",
        Kind::Integer => "Whole number",
        Kind::DateTime => "Date and time",
        Kind::Binary => "Binary (Base64)",
        Kind::Reference => "Reference (URI)",
        Kind::Complex => "Complex",
    }
}

/// The name in RFC 7643 §7, which is the value that the form sends.
fn word<T: serde::Serialize>(choice: &T) -> Signal<String> {
    let word = serde_json::to_value(choice).ok().and_then(|word| word.as_str().map(str::to_owned));
    Signal::stored(word.unwrap_or_default())
}

fn choices<T: serde::Serialize>(all: &[(T, &str)]) -> Vec<Choice> {
    all.iter().map(|(choice, label)| Choice::new(word(choice).get_untracked(), *label)).collect()
}

fn kinds() -> Vec<Choice> {
    let kinds =
        [Kind::String, Kind::Boolean, Kind::Integer, Kind::Decimal, Kind::DateTime, Kind::Reference, Kind::Binary];
    choices(&kinds.map(|kind| (kind, kind_word(kind))))
}

fn mutabilities() -> Vec<Choice> {
    choices(&[
        (Mutability::ReadWrite, "Read and write"),
        (Mutability::Immutable, "Set once"),
        (Mutability::WriteOnly, "Write-only (a secret: not stored)"),
        (Mutability::ReadOnly, "Read-only"),
    ])
}

fn returned() -> Vec<Choice> {
    choices(&[
        (Returned::Default, "By default"),
        (Returned::Always, "Always"),
        (Returned::Request, "Only on request"),
        (Returned::Never, "Never (a secret: not stored)"),
    ])
}

fn uniqueness() -> Vec<Choice> {
    choices(&[(Uniqueness::None, "No"), (Uniqueness::Server, "Within your company")])
}
