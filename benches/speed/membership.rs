//! Adding and removing a hundred members in groups of different sizes.

use std::time::Instant;

use rollcall::{
    clock::Clock,
    directory::{Directory, Origin, work::LongWork},
    model::{
        id::{GroupId, TenantId},
        journal::{Actor, ResourceKind},
        page::Source,
        tenant::Settings,
    },
    scim::{
        document::{Document, Resource},
        filter::Filter,
        patch::{PATCH_OP_URN, PatchRequest},
        schema::Types,
        time::DateTime,
    },
    store::{ListOptions, MemberSelection, Start, Store},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    T0,
    sample_users::{entry_of_tenant, id},
    store::{Figures, median_and_99th},
};

/// Members that are added and removed in one request.
const SOME: u32 = 100;
const TURNS: u32 = 50;

/// The figures of one group of `size` members. The tenant has `SOME` users more than that.
pub async fn measure(store: &Store, tenant: TenantId, size: u32) -> Figures {
    let group = GroupId(Uuid::from_u128(u128::from(size)));
    make(store, tenant, group, size).await;
    let origin = Origin {
        actor: Actor::Command,
        source: Source::Idp,
        method: "PATCH".to_owned(),
        path: format!("/v2/scim/Groups/{group}"),
        request_id: String::new(),
        request: None,
        dialect: None,
    };
    let work = LongWork::default().request(tenant);
    let directory =
        Directory::new(store.clone(), Clock::system(), tenant, Settings::default(), Types::built_in(), origin, work);
    let mut figures = Figures::new();
    let newcomers: Vec<Value> = (0..SOME).map(|number| json!({"value": id(size + number)})).collect();
    let add = patch(&json!([{"op": "add", "path": "members", "value": newcomers}]));
    let remove = patch(&json!([{"op": "remove", "path": "members", "value": newcomers}]));
    let (mut adding, mut removing) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        for (request, times) in [(&add, &mut adding), (&remove, &mut removing)] {
            let began = Instant::now();
            directory.patch_group(group, None, request.clone(), MemberSelection::None).await.unwrap();
            times.push(began.elapsed().as_micros());
        }
    }
    figures.push(median_and_99th("100 members added", adding));
    figures.push(median_and_99th("100 members removed", removing));
    let (mut reading, mut finding) = (Vec::new(), Vec::new());
    let filter = Filter::parse(&format!("members eq \"{}\"", id(0))).unwrap();
    for _ in 0..TURNS {
        let began = Instant::now();
        directory.group(group, MemberSelection::None).await.unwrap();
        reading.push(began.elapsed().as_micros());
        let (kinds, filter, start) = (&[ResourceKind::Group][..], Some(&filter), Start::Offset(0));
        let listing = ListOptions {
            types: &Types::built_in(),
            kinds,
            base_url: "",
            filter,
            sort: None,
            start,
            limit: 100,
            members: MemberSelection::None,
        };
        let began = Instant::now();
        assert!(store.list(tenant, &listing).await.unwrap().total > 0);
        finding.push(began.elapsed().as_micros());
    }
    figures.push(median_and_99th("read without members", reading));
    figures.push(median_and_99th("groups found by a member", finding));
    figures
}

fn patch(operations: &Value) -> PatchRequest {
    PatchRequest::read(&json!({"schemas": [PATCH_OP_URN], "Operations": operations})).unwrap()
}

/// Creates a group of this size.
pub async fn make(store: &Store, tenant: TenantId, group: GroupId, size: u32) {
    let members: Vec<Value> = (0..size).map(|number| json!({"value": id(number)})).collect();
    let document = json!({"displayName": format!("Group of {size}"), "members": members});
    let at = DateTime::from_millis(T0);
    let resource = Resource {
        id: group.to_string(),
        kind: ResourceKind::Group,
        created: at,
        last_modified: at,
        version: 1,
        document: serde_json::from_value::<Document>(document).unwrap(),
        groups: Vec::new(),
    };
    store.insert_group(tenant, &resource, &entry_of_tenant()).await.unwrap();
}
