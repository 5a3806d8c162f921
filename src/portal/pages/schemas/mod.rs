//! Custom attributes: the list of the tenant's extension schemas, and the form that creates one.

mod attribute_form;
mod detail;

pub use detail::SchemaPage;

use leptos::{form::ActionForm, html, prelude::*};

use super::{action_error, field_error, form_message, pluralize, when_loaded::when_loaded};
use crate::portal::{
    api::schemas::{CreateSchema, SchemaView, read_schemas},
    components::{CardHeader, EmptyState, FormError, Glyph, Page, TextField},
};

/// All custom schemas of the tenant.
#[component]
pub fn SchemasPage() -> impl IntoView {
    let create = ServerAction::<CreateSchema>::new();
    let schemas = Resource::new(move || create.version().get(), |_| read_schemas());
    view! {
        <Page
            title="Custom attributes"
            lead="User attributes beyond the SCIM standard, defined in your own extension schemas. Your identity provider sends their values like those of any other attribute."
            breadcrumbs=vec![("Group Settings", "/settings")]
            narrow=true
        >
            {when_loaded(schemas, |schemas| view! { <SchemaList schemas /> })}
            <CreateCard create />
        </Page>
    }
}

#[component]
fn SchemaList(schemas: Vec<SchemaView>) -> impl IntoView {
    let list = if schemas.is_empty() {
        view! {
            <EmptyState
                icon=icondata::LuTags
                title="No custom attributes yet"
                text="Add an extension schema below, then add attributes to it."
            />
        }
        .into_any()
    } else {
        let rows = schemas.into_iter().map(|schema| view! { <SchemaRow schema /> }).collect_view();
        view! { <ul class="options">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card flush" aria-labelledby="schemas">
            <CardHeader id="schemas" title="Extension schemas" />
            {list}
        </section>
    }
}

#[component]
fn SchemaRow(schema: SchemaView) -> impl IntoView {
    let address = schema.page_path();
    let count = pluralize(schema.attributes.len() as u64, "attribute", "attributes");
    let name = schema.name.clone();
    view! {
        <li>
            <Glyph icon=icondata::LuTags />
            <div class="what">
                <h3>{schema.name}</h3>
                {(!schema.description.is_empty()).then(|| view! { <p>{schema.description}</p> })}
                <p class="small">{count} " · " <code class="wrap">{schema.urn}</code></p>
            </div>
            <a class="button" href=address aria-label=format!("Open {name}")>
                "Open"
            </a>
        </li>
    }
}

#[component]
fn CreateCard(create: ServerAction<CreateSchema>) -> impl IntoView {
    let problem = action_error(create);
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let (Some(Ok(())), Some(form)) = (create.value().get(), form.get_untracked()) {
            form.reset();
        }
    });
    view! {
        <section class="card" aria-labelledby="new-schema">
            <CardHeader
                id="new-schema"
                title="New extension schema"
                lead="The name becomes part of the path of each attribute and cannot be changed later."
            />
            <ActionForm action=create node_ref=form>
                <div class="form">
                    <FormError message=form_message(problem) />
                    <TextField
                        name="name"
                        label="Name"
                        maxlength=60
                        hint="For example your company’s name in one word: letters, digits, - and _."
                        error=field_error(problem, "name")
                    />
                    <TextField
                        name="description"
                        label="Description"
                        optional=true
                        maxlength=500
                        error=field_error(problem, "description")
                    />
                    <div class="form-actions">
                        <button class="button primary" type="submit">
                            "Add schema"
                        </button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}
