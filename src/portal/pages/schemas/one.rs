//! One extension schema: its attributes, and the questions before something of it is deleted.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{counted, loaded::loaded, message, problem_of},
    attribute::AttributeCard,
};
use crate::{
    portal::{
        api::schemas::{
            AttributeForm, DeleteAttribute, DeleteSchema, SCHEMAS, SaveAttribute, SchemaView, count_holders,
            read_schema,
        },
        components::{Badge, Confirmation, CopyField, Empty, FormProblem, Glyph, Page, Titled, Tone},
        error::PortalError,
    },
    scim::schema::{Mutability, Returned, Uniqueness},
};

/// What can be ordered on the page.
#[derive(Clone, Copy)]
pub(super) struct Orders {
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
    let asked = Memo::new(move |_| query.with(|query| query.get("delete")));
    let orders =
        Orders { save: ServerAction::new(), delete_attribute: ServerAction::new(), delete_schema: ServerAction::new() };
    let version = move || (orders.save.version().get(), orders.delete_attribute.version().get());
    let schema = Resource::new(move || (urn.get(), version()), |(urn, _)| read_schema(urn));
    // How many would lose a value, where that is asked.
    let holders = Resource::new(
        move || (urn.get(), asked.get()),
        |(urn, asked)| async move {
            match asked {
                Some(attribute) if !attribute.is_empty() => count_holders(urn, attribute).await,
                _ => Ok(0),
            }
        },
    );
    view! {
        {loaded(schema, move |schema| {
            view! { <Shown schema orders holders /> }
        })}
    }
}

#[component]
fn Shown(schema: SchemaView, orders: Orders, holders: Resource<Result<u64, PortalError>>) -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get("attribute")));
    let asked = Memo::new(move |_| query.with(|query| query.get("delete")));
    let address = schema.address();
    let actions = view! {
        <a class="button danger" href=format!("{address}?delete=") data-noscroll="true">
            <Glyph icon=icondata::LuTrash2 />
            "Delete schema"
        </a>
    };
    let lead = match schema.description.as_str() {
        "" => "An extension schema of users.".to_owned(),
        description => description.to_owned(),
    };
    let (of_form, of_question) = (schema.clone(), schema.clone());
    view! {
        <Page
            title=schema.name.clone()
            lead
            crumbs=vec![("Group Settings", "/settings"), ("Custom attributes", SCHEMAS)]
            actions=Some(actions.into_any())
            narrow=true
        >
            <section class="card" aria-labelledby="urn-card">
                <Titled id="urn-card" title="Schema" lead="What the schema is called in SCIM." />
                <CopyField id="urn" label="URN" value=schema.urn.clone() />
            </section>
            <Attributes schema=schema.clone() />
            {move || {
                let schema = of_form.clone();
                let known = chosen.get().and_then(|name| find(&schema, &name));
                view! { <AttributeCard schema known save=orders.save /> }
            }}
            {move || {
                let schema = of_question.clone();
                asked.get().map(|name| match find(&schema, &name) {
                    Some(attribute) => view! { <AttributeQuestion schema attribute orders holders /> }.into_any(),
                    None if name.is_empty() => view! { <SchemaQuestion schema orders /> }.into_any(),
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
fn Attributes(schema: SchemaView) -> impl IntoView {
    let list = if schema.attributes.is_empty() {
        view! {
            <Empty icon=icondata::LuTags title="No attributes yet" text="Add the first one below." />
        }
        .into_any()
    } else {
        let address = schema.address();
        let row = |attribute: AttributeForm| view! { <Row address=address.clone() attribute /> };
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
            <Titled id="attributes" title="Attributes" />
            {list}
        </section>
    }
}

#[component]
fn Row(address: String, attribute: AttributeForm) -> impl IntoView {
    let name = attribute.name.clone();
    let kind = super::attribute::kind_word(attribute.kind);
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

/// What is out of the ordinary.
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
    let case_exact = attribute.case_exact.then_some("Case exact");
    [required, unique, case_exact, mutability, returned].into_iter().flatten().collect()
}

/// How many users lose a value.
fn losing(users: u64) -> String {
    match users {
        0 => "No user has a value of it.".to_owned(),
        1 => "1 user has a value of it, which is deleted too.".to_owned(),
        users => format!("{} have a value of it; those are deleted too.", counted(users, "user", "users")),
    }
}

#[component]
fn AttributeQuestion(
    schema: SchemaView,
    attribute: AttributeForm,
    orders: Orders,
    holders: Resource<Result<u64, PortalError>>,
) -> impl IntoView {
    let address = schema.address();
    view! {
        <Confirmation title=format!("Delete “{}”?", attribute.name) cancel=address.clone()>
            <ActionForm action=orders.delete_attribute>
                <FormProblem message=message(problem_of(orders.delete_attribute)) />
                {loaded(holders, |users| view! { <p>{losing(users)}</p> })}
                <p>"Requests that still name the attribute are refused. This cannot be undone."</p>
                <input type="hidden" name="urn" value=schema.urn />
                <input type="hidden" name="name" value=attribute.name />
                <Answers cancel=address words="Delete attribute" />
            </ActionForm>
        </Confirmation>
    }
}

#[component]
fn SchemaQuestion(schema: SchemaView, orders: Orders) -> impl IntoView {
    let address = schema.address();
    view! {
        <Confirmation title=format!("Delete “{}”?", schema.name) cancel=address.clone()>
            <ActionForm action=orders.delete_schema>
                <FormProblem message=message(problem_of(orders.delete_schema)) />
                <p>{losing(schema.users)}</p>
                <p>"Its attributes go with it, and requests that still name them are refused. This cannot be undone."</p>
                <input type="hidden" name="urn" value=schema.urn />
                <Answers cancel=address words="Delete for good" />
            </ActionForm>
        </Confirmation>
    }
}

#[component]
fn Answers(cancel: String, words: &'static str) -> impl IntoView {
    view! {
        <div class="form-actions">
            <a class="button" href=cancel data-noscroll="true">
                "Cancel"
            </a>
            <button class="button danger primary" type="submit">
                {words}
            </button>
        </div>
    }
}
