//! One extension schema: its attributes, and the confirmations before they or the schema are deleted.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{action_error, form_message, pluralize, when_loaded::when_loaded},
    attribute_form::AttributeCard,
};
use crate::{
    portal::{
        api::schemas::{
            AttributeForm, CUSTOM_ATTRIBUTES_PAGE, DeleteAttribute, DeleteSchema, SaveAttribute, SchemaView,
            count_users_with_value, read_schema,
        },
        components::{
            Badge, CardHeader, ConfirmationButtons, ConfirmationDialog, CopyField, EmptyState, FormError, Glyph, Page,
            Tone,
        },
        error::PortalError,
    },
    scim::schema::{Mutability, Returned, Uniqueness},
};

/// The server actions of the page.
#[derive(Clone, Copy)]
pub(super) struct SchemaActions {
    /// Adds or changes an attribute.
    pub(super) save: ServerAction<SaveAttribute>,
    delete_attribute: ServerAction<DeleteAttribute>,
    delete_schema: ServerAction<DeleteSchema>,
}

/// One extension schema.
#[component]
pub fn SchemaPage() -> impl IntoView {
    let parameters = use_params_map();
    let query = use_query_map();
    let urn = Memo::new(move |_| parameters.with(|parameters| parameters.get("urn").unwrap_or_default()));
    let requested = Memo::new(move |_| query.with(|query| query.get("delete")));
    let actions = SchemaActions {
        save: ServerAction::new(),
        delete_attribute: ServerAction::new(),
        delete_schema: ServerAction::new(),
    };
    let version = move || (actions.save.version().get(), actions.delete_attribute.version().get());
    let schema = Resource::new(move || (urn.get(), version()), |(urn, _)| read_schema(urn));
    // How many users would lose a value, for the confirmation.
    let holders = Resource::new(
        move || (urn.get(), requested.get()),
        |(urn, requested)| async move {
            match requested {
                Some(attribute) if !attribute.is_empty() => count_users_with_value(urn, attribute).await,
                _ => Ok(0),
            }
        },
    );
    view! {
        {when_loaded(schema, move |schema| {
            view! { <SchemaContent schema actions holders /> }
        })}
    }
}

#[component]
fn SchemaContent(
    schema: SchemaView,
    actions: SchemaActions,
    holders: Resource<Result<u64, PortalError>>,
) -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get("attribute")));
    let requested = Memo::new(move |_| query.with(|query| query.get("delete")));
    let address = schema.page_path();
    let delete_button = view! {
        <a class="button danger" href=format!("{address}?delete=") data-noscroll="true">
            <Glyph icon=icondata::LuTrash2 />
            "Delete schema"
        </a>
    };
    let lead = match schema.description.as_str() {
        "" => "An extension schema of users.".to_owned(),
        description => description.to_owned(),
    };
    let (form_schema, dialog_schema) = (schema.clone(), schema.clone());
    view! {
        <Page
            title=schema.name.clone()
            lead
            breadcrumbs=vec![("Group Settings", "/settings"), ("Custom attributes", CUSTOM_ATTRIBUTES_PAGE)]
            actions=Some(delete_button.into_any())
            narrow=true
        >
            <section class="card" aria-labelledby="urn-card">
                <CardHeader id="urn-card" title="Schema" lead="The schema’s identifier in SCIM." />
                <CopyField id="urn" label="URN" value=schema.urn.clone() />
            </section>
            <AttributeTable schema=schema.clone() />
            {move || {
                let schema = form_schema.clone();
                let known = chosen.get().and_then(|name| find(&schema, &name));
                view! { <AttributeCard schema known save=actions.save /> }
            }}
            {move || {
                let schema = dialog_schema.clone();
                requested.get().map(|name| match find(&schema, &name) {
                    Some(attribute) => view! { <ConfirmAttributeDeletion schema attribute actions holders /> }.into_any(),
                    None if name.is_empty() => view! { <ConfirmSchemaDeletion schema actions /> }.into_any(),
                    None => ().into_any(),
                })
            }}
        </Page>
    }
}

fn find(schema: &SchemaView, name: &str) -> Option<AttributeForm> {
    schema.attributes.iter().find(|attribute| attribute.name == name).cloned()
}

#[component]
fn AttributeTable(schema: SchemaView) -> impl IntoView {
    let list = if schema.attributes.is_empty() {
        view! {
            <EmptyState icon=icondata::LuTags title="No attributes yet" text="Add the first one below." />
        }
        .into_any()
    } else {
        let address = schema.page_path();
        let row = |attribute: AttributeForm| view! { <AttributeRow address=address.clone() attribute /> };
        let rows = schema.attributes.into_iter().map(row).collect_view();
        view! {
            <div class="table-scroll">
                <table>
                    <caption class="visually-hidden">"Attributes"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Attribute"</th>
                            <th scope="col" class="wide-only">
                                "Characteristics"
                            </th>
                            <th scope="col">
                                <span class="visually-hidden">"Actions"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card flush" aria-labelledby="attributes">
            <CardHeader id="attributes" title="Attributes" />
            {list}
        </section>
    }
}

#[component]
fn AttributeRow(address: String, attribute: AttributeForm) -> impl IntoView {
    let name = attribute.name.clone();
    let kind = super::attribute_form::kind_word(attribute.kind);
    let kind = if attribute.multi_valued { format!("{kind}, several") } else { kind.to_owned() };
    let badges = characteristics(&attribute);
    let badges = badges.into_iter().map(|text| view! { <Badge tone=Tone::Quiet text /> }).collect_view();
    view! {
        <tr>
            <th scope="row" class="name">
                <b class="wrap">{attribute.name}</b>
                <span class="sub">{kind}</span>
                {(!attribute.description.is_empty()).then(|| view! { <span class="sub">{attribute.description}</span> })}
            </th>
            <td class="wide-only">
                <div class="badges">{badges}</div>
            </td>
            <td>
                <div class="row-actions">
                    <a
                        class="button small"
                        href=format!("{address}?attribute={name}#attribute-form")
                        aria-label=format!("Edit {name}")
                    >
                        "Edit"
                    </a>
                    <a
                        class="button small danger"
                        href=format!("{address}?delete={name}")
                        aria-label=format!("Delete {name}")
                        data-noscroll="true"
                    >
                        "Delete"
                    </a>
                </div>
            </td>
        </tr>
    }
}

/// The characteristics that differ from the defaults.
fn characteristics(attribute: &AttributeForm) -> Vec<&'static str> {
    let mutability = match attribute.mutability {
        Mutability::ReadWrite => None,
        Mutability::Immutable => Some("Set once"),
        Mutability::WriteOnly => Some("Write-only"),
        Mutability::ReadOnly => Some("Read-only"),
    };
    let returned = match attribute.returned {
        Returned::Default => None,
        Returned::Always => Some("Always returned"),
        Returned::Request => Some("Returned on request"),
        Returned::Never => Some("Never returned"),
    };
    let unique = (attribute.uniqueness != Uniqueness::None).then_some("Unique");
    let required = attribute.required.then_some("Required");
    let case_exact = attribute.case_exact.then_some("Case-sensitive");
    [required, unique, case_exact, mutability, returned].into_iter().flatten().collect()
}

/// How many users lose a value.
fn losing(users: u64) -> String {
    match users {
        0 => "No user has a value for it.".to_owned(),
        1 => "1 user has a value for it. The value will be deleted, too.".to_owned(),
        users => format!("{} have a value for it. The values will be deleted, too.", pluralize(users, "user", "users")),
    }
}

#[component]
fn ConfirmAttributeDeletion(
    schema: SchemaView,
    attribute: AttributeForm,
    actions: SchemaActions,
    holders: Resource<Result<u64, PortalError>>,
) -> impl IntoView {
    let address = schema.page_path();
    view! {
        <ConfirmationDialog title=format!("Delete “{}”?", attribute.name) cancel=address.clone()>
            <ActionForm action=actions.delete_attribute>
                <FormError message=form_message(action_error(actions.delete_attribute)) />
                {when_loaded(holders, |users| view! { <p>{losing(users)}</p> })}
                <p>"Requests that still contain the attribute will be refused. This cannot be undone."</p>
                <input type="hidden" name="urn" value=schema.urn />
                <input type="hidden" name="name" value=attribute.name />
                <ConfirmationButtons cancel=address confirm="Delete attribute" danger=true />
            </ActionForm>
        </ConfirmationDialog>
    }
}

#[component]
fn ConfirmSchemaDeletion(schema: SchemaView, actions: SchemaActions) -> impl IntoView {
    let address = schema.page_path();
    view! {
        <ConfirmationDialog title=format!("Delete “{}”?", schema.name) cancel=address.clone()>
            <ActionForm action=actions.delete_schema>
                <FormError message=form_message(action_error(actions.delete_schema)) />
                <p>{losing(schema.users)}</p>
                <p>"Its attributes will be deleted, and requests that still contain them will be refused. This cannot be undone."</p>
                <input type="hidden" name="urn" value=schema.urn />
                <ConfirmationButtons cancel=address confirm="Delete schema" danger=true />
            </ActionForm>
        </ConfirmationDialog>
    }
}
