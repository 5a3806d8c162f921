//! Microbenchmarks of the parts of a request: parsing a filter, applying a patch, serializing a user. `make bench`, or
//! `cargo bench --features bench --bench parts`.
#![expect(missing_docs, reason = "criterion's macro makes a public function without a word")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rollcall::scim::{
    document::{Document, Resource, Text},
    filter::Filter,
    patch::{self, Options, PATCH_OP_URN, PatchRequest, lenient},
    schema::{ENTERPRISE_URN, ResourceKind, Types, USER_URN},
    time::DateTime,
};
use serde_json::{Value, json};

criterion_group!(parts, filters, patches, users);
criterion_main!(parts);

fn filters(criterion: &mut Criterion) {
    for text in [
        r#"userName eq "ana.ruiz@contoso.example""#,
        r#"emails[type eq "work"].value eq "ana.ruiz@contoso.example" and active eq true"#,
    ] {
        criterion.bench_function(&format!("parse {text}"), |bench| bench.iter(|| Filter::parse(black_box(text))));
    }
}

fn patches(criterion: &mut Criterion) {
    let (types, document) = (Types::built_in(), document());
    for (name, operation) in [
        ("title", json!({"op": "Replace", "path": "title", "value": "Head of Sales"})),
        ("the work address", json!({"op": "Add", "path": r#"emails[type eq "work"].value"#, "value": "a@b.example"})),
    ] {
        let body = json!({"schemas": [PATCH_OP_URN], "Operations": [operation]});
        criterion.bench_function(&format!("patch {name}"), |bench| {
            bench.iter(|| {
                let request = lenient::normalize(PatchRequest::read(black_box(&body)).unwrap(), types.user());
                patch::apply(types.user(), "1", &document, &request, Options::default()).unwrap()
            });
        });
    }
}

fn users(criterion: &mut Criterion) {
    let types = Types::built_in();
    let text = Resource {
        id: "0198f3b0-7c1e-7000-8000-00000000000a".to_owned(),
        kind: ResourceKind::User,
        created: DateTime::from_millis(1_763_852_000_000),
        last_modified: DateTime::from_millis(1_763_852_000_000),
        version: 7,
        document: Text::of(&document(), types.user()).unwrap(),
        groups: Vec::new(),
    };
    let base_url = "https://roll.example/v2/scim";
    criterion.bench_function("show a user, its document as text", |bench| {
        bench.iter(|| {
            let mut json = Vec::new();
            black_box(&text).write(types.user(), base_url, &mut json).unwrap();
            json
        });
    });
    let taken_apart = text.clone().read().unwrap();
    criterion.bench_function("show a user, its document taken apart", |bench| {
        bench.iter(|| serde_json::to_vec(&black_box(&taken_apart).render(types.user(), base_url)).unwrap());
    });
    let sent = sent();
    criterion.bench_function("read a user as it is sent", |bench| {
        bench.iter(|| Document::read(types.user(), black_box(&sent)).unwrap());
    });
}

fn document() -> Document {
    Document::read(Types::built_in().user(), &sent()).unwrap().document
}

/// About 1.5 KB in a response.
fn sent() -> Value {
    json!({
        "schemas": [USER_URN, ENTERPRISE_URN], "userName": "ana.ruiz@contoso.example", "externalId": "ext-0000001",
        "name": {"formatted": "Ana Ruiz", "familyName": "Ruiz", "givenName": "Ana"}, "displayName": "Ana Ruiz",
        "nickName": "Ana", "title": "Engineer", "userType": "Member", "preferredLanguage": "en-GB", "locale": "en-GB",
        "timezone": "Europe/London", "active": true,
        "emails": [
            {"value": "ana.ruiz@contoso.example", "type": "work", "primary": true},
            {"value": "ana@home.example", "type": "home"},
        ],
        "phoneNumbers": [{"value": "+44 20 70000001", "type": "work"}, {"value": "+44 77 90000001", "type": "mobile"}],
        "addresses": [{
            "formatted": "7 Long Acre\nLondon WC2E 9LY\nUnited Kingdom", "streetAddress": "7 Long Acre",
            "locality": "London", "region": "Greater London", "postalCode": "WC2E 9LY", "country": "GB", "type": "work",
        }],
        ENTERPRISE_URN: {
            "employeeNumber": "1", "costCenter": "CC-1", "organization": "Contoso", "division": "Products",
            "department": "Sales", "manager": {"value": "0198f3b0-7c1e-7000-8000-00000000000b"},
        },
    })
}
