//! `/Bulk` (RFC 7644 §3.7): many changes in one request, each atomic by itself, which may speak of one another.
//!
//! New resources are given their ids before anything is done, so that a reference can be resolved wherever it stands. A
//! resource is made before what refers to it; where groups hold each other in a circle, the member that closes it is
//! added when both are there.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    endpoint::{
        PREFIX,
        caller::Caller,
        changes::{self, Target},
        door::Seen,
        json::{Answer, Sent, ok},
        redact,
        refusals::{Refusal, Told},
    },
    model::journal::ResourceKind,
    scim::{
        bulk::{self, BulkOperation, BulkRequest},
        error::ScimError,
        patch::{PATCH_OP_URN, PatchRequest},
        schema::Types,
        version::Versions,
    },
    state::AppState,
    store::MemberSelection,
};

/// An operation that was refused, for the journal. Carried by the answer.
#[derive(Clone, Debug)]
pub struct Refused {
    method: Method,
    path: String,
    data: Option<Value>,
    told: Told,
}

impl Refused {
    /// The operation as if it had come as a request of its own, and what was told to it.
    #[must_use]
    pub fn as_seen(&self, bulk: &Seen) -> (Seen, &Told) {
        let body = self.data.as_ref().map(|data| Bytes::from(data.to_string())).unwrap_or_default();
        let full_path = journaled(&bulk.full_path, &self.path, &bulk.types);
        let path = self.path.clone();
        (Seen { method: self.method.clone(), path, full_path, body, ..bulk.clone() }, &self.told)
    }
}

/// `POST /Bulk`.
pub async fn bulk(State(state): State<AppState>, caller: Caller, sent: Sent) -> Answer {
    let request = BulkRequest::read(&sent.json)?;
    let mut run = Run::new(&state, &caller, &request);
    for index in request.order() {
        run.perform(index).await?;
        if request.fail_on_errors.is_some_and(|most| run.refused.len() as u64 >= most) {
            break;
        }
    }
    // Where errors ended it early, what a group still waits for does not come.
    while let Some(waits_for) = run.late.first().map(|late| late.waits_for) {
        run.add_late(waits_for).await?;
    }
    let answers = run.done.into_iter().filter_map(|done| match done {
        Done::Not => None,
        Done::Well(answer) | Done::Ill(answer) => Some(answer),
    });
    let answers: Vec<_> = answers.collect();
    let mut response: Response = ok(&bulk::response(&answers)).into_response();
    response.extensions_mut().insert(run.refused);
    Ok(response)
}

/// How far an operation is.
enum Done {
    Not,
    Well(Map<String, Value>),
    Ill(Map<String, Value>),
}

/// A resource that is to be made.
struct New {
    index: usize,
    id: Uuid,
}

/// Members that a group is to get when they are there.
struct Late {
    group: usize,
    waits_for: usize,
    members: Vec<Value>,
}

struct Run<'a> {
    state: &'a AppState,
    caller: &'a Caller,
    operations: &'a [BulkOperation],
    new: HashMap<&'a str, New>,
    done: Vec<Done>,
    late: Vec<Late>,
    refused: Vec<Refused>,
}

impl<'a> Run<'a> {
    fn new(state: &'a AppState, caller: &'a Caller, request: &'a BulkRequest) -> Self {
        let operations = &request.operations[..];
        let creators = request.creators().into_iter();
        let new = creators.map(|(bulk_id, index)| (bulk_id, New { index, id: state.clock.new_id() })).collect();
        let done = operations.iter().map(|_| Done::Not).collect();
        Self { state, caller, operations, new, done, late: Vec::new(), refused: Vec::new() }
    }

    /// Does one operation. Only a fault of the server ends the whole request, and only where nothing was done yet.
    async fn perform(&mut self, index: usize) -> Result<(), Refusal> {
        let mut unknown = None;
        let mut late = Vec::new();
        for reference in self.operations[index].references() {
            match self.new.get(reference.as_str()).map(|new| (new.index, &self.done[new.index])) {
                Some((needed, Done::Not)) => late.push(needed),
                Some((_, Done::Well(_))) => {}
                Some((_, Done::Ill(_))) | None => unknown = Some(reference),
            }
        }
        let result = match unknown {
            Some(reference) => Err(ScimError::unknown_bulk_id(reference).into()),
            None => self.execute(index, &late).await,
        };
        self.note(index, result)?;
        self.add_late(index).await
    }

    async fn execute(&mut self, index: usize, late: &[usize]) -> Result<Map<String, Value>, Refusal> {
        let sent = &self.operations[index];
        let id_of = |bulk_id: &str| self.new.get(bulk_id).map(|new| new.id.to_string());
        let mut operation = sent.resolved(id_of);
        for &waits_for in late {
            let awaited = self.operations[waits_for].bulk_id.as_deref().and_then(id_of).unwrap_or_default();
            let members = operation.take_members(|id| id == awaited);
            if !members.is_empty() {
                self.late.push(Late { group: index, waits_for, members });
            }
        }
        let id = sent.bulk_id.as_deref().and_then(|bulk_id| self.new.get(bulk_id));
        let id = id.filter(|new| new.index == index).map(|new| new.id);
        change(self.state, self.caller, &operation, id).await
    }

    /// Keeps what became of an operation.
    fn note(&mut self, index: usize, result: Result<Map<String, Value>, Refusal>) -> Result<(), Refusal> {
        let operation = &self.operations[index];
        let error = match result {
            Ok(answer) => {
                self.done[index] = Done::Well(answer);
                return Ok(());
            }
            Err(Refusal::Scim(error)) => error,
            // The client has to learn what was done before.
            Err(fault) if self.done.iter().any(|done| matches!(done, Done::Well(_))) => {
                fault.tell(&self.caller.origin.request_id)
            }
            Err(fault) => return Err(fault),
        };
        let location = match (operation.method.as_str(), place(self.caller, &operation.path)) {
            ("PUT" | "PATCH" | "DELETE", Ok((_, Some(target)))) => Some(target.location(&self.caller.base_url)),
            _ => None,
        };
        let body = serde_json::to_value(&error).expect("a SCIM error is strings only");
        let mut answer = bulk::operation_response(operation, error.status, location, None);
        answer.insert("response".to_owned(), body.clone());
        self.done[index] = Done::Ill(answer);
        self.refused.push(Refused {
            method: operation.method.parse().unwrap_or(Method::POST),
            path: operation.path.clone(),
            data: operation.data.clone(),
            told: Told { error, body },
        });
        Ok(())
    }

    /// Closes the circles that waited for this operation. A group whose member was not made is not to be either.
    async fn add_late(&mut self, index: usize) -> Result<(), Refusal> {
        let made = matches!(self.done[index], Done::Well(_));
        for late in self.late.extract_if(.., |late| late.waits_for == index).collect::<Vec<_>>() {
            let group = &self.operations[late.group];
            let Some(id) = group.bulk_id.as_deref().and_then(|bulk_id| self.new.get(bulk_id)).map(|new| new.id) else {
                continue;
            };
            if late.group != index && !matches!(self.done[late.group], Done::Well(_)) {
                continue;
            }
            let path = format!("/Groups/{id}");
            let follow_up = if made {
                let add = json!({"op": "add", "path": "members", "value": late.members});
                let data = json!({"schemas": [PATCH_OP_URN], "Operations": [add]});
                BulkOperation { method: "PATCH".into(), path, data: Some(data), ..BulkOperation::default() }
            } else {
                BulkOperation { method: "DELETE".into(), path, ..BulkOperation::default() }
            };
            let result = change(self.state, self.caller, &follow_up, None).await;
            let result = match (result, made, &mut self.done[late.group]) {
                (Ok(answer), true, Done::Well(first)) => {
                    first.extend(answer.into_iter().filter(|(name, _)| name == "version"));
                    continue;
                }
                (Ok(_), ..) => {
                    Err(ScimError::unknown_bulk_id(self.operations[index].bulk_id.as_deref().unwrap_or("?")).into())
                }
                (Err(error), ..) => Err(error),
            };
            self.note(late.group, result)?;
        }
        Ok(())
    }
}

/// Does what a resolved operation says. `id` is the one of the resource it is to make.
async fn change(
    state: &AppState,
    caller: &Caller,
    operation: &BulkOperation,
    id: Option<Uuid>,
) -> Result<Map<String, Value>, Refusal> {
    let mut caller = caller.clone();
    caller.origin.method.clone_from(&operation.method);
    caller.origin.path = journaled(&caller.origin.path, &operation.path, &caller.types);
    let (kind, target) = place(&caller, &operation.path)?;
    let data = || operation.data.as_ref().ok_or_else(|| ScimError::invalid_syntax("The operation needs `data`."));
    let redacted = operation.data.as_ref().map(|data| redact::body(data, 0, &caller.types));
    let if_match = operation.version.as_deref().and_then(Versions::read);
    let if_match = if_match.as_ref();
    let (status, resource) = match (operation.method.as_str(), target) {
        ("POST", None) => {
            if operation.bulk_id.is_none() {
                return Err(ScimError::invalid_syntax("A POST needs a `bulkId`.").into());
            }
            let id = id.ok_or_else(|| ScimError::invalid_value("bulkId", "another operation has the same"))?;
            let directory = caller.directory(state, redacted);
            (201, changes::create(&directory, kind, id, data()?, MemberSelection::None).await?)
        }
        ("PUT", Some(target)) => {
            (200, target.replace(&caller.directory(state, redacted), if_match, data()?, MemberSelection::None).await?)
        }
        ("PATCH", Some(target)) => {
            let request = PatchRequest::read(data()?)?;
            (200, target.patch(&caller.directory(state, redacted), if_match, request, MemberSelection::None).await?)
        }
        ("DELETE", Some(target)) => {
            target.delete(&caller.directory(state, redacted), if_match).await?;
            return Ok(bulk::operation_response(operation, 204, Some(target.location(&caller.base_url)), None));
        }
        (method, None) => return Err(ScimError::method_not_allowed(method, "POST").into()),
        (method, Some(_)) => return Err(ScimError::method_not_allowed(method, "PUT, PATCH, DELETE").into()),
    };
    Ok(bulk::operation_response(operation, status, Some(resource.location(&caller.base_url)), Some(resource.etag())))
}

/// What an operation's path leads to. Clients write it below the Tenant URL, or whole.
fn place(caller: &Caller, path: &str) -> Result<(ResourceKind, Option<Target>), ScimError> {
    let below = path.strip_prefix(&caller.base_url).or_else(|| path.strip_prefix(PREFIX)).unwrap_or(path);
    let mut steps = below.trim_matches('/').split('/');
    let kind = match steps.next() {
        Some("Users") => ResourceKind::User,
        Some("Groups") => ResourceKind::Group,
        _ => return Err(ScimError::route_not_found(path)),
    };
    match (steps.next(), steps.next()) {
        (None, _) => Ok((kind, None)),
        (Some(id), None) => Ok((kind, Some(Target::read(kind, id)?))),
        _ => Err(ScimError::route_not_found(path)),
    }
}

/// How the journal tells of an operation in a bulk request.
fn journaled(bulk: &str, path: &str, types: &Types) -> String {
    format!("{bulk}: {}", redact::path_and_query(path, types))
}
