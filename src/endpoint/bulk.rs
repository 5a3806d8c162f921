//! `/Bulk` (RFC 7644 §3.7): many changes in one request. Each is atomic by itself and may refer to the others.
//!
//! New resources get their ids before any operation runs, so that a reference can be resolved wherever it occurs. A resource is
//! created before what refers to it; where groups are members of each other, the member that closes the circle is added when
//! both exist.

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
        json::{Answer, JsonBody},
        redact,
        refusals::{Refusal, SentError},
        request_record::RequestRecord,
        scim_json::ok,
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

/// A rejected operation, for the journal. An extension of the response.
#[derive(Clone, Debug)]
pub struct RefusedOperation {
    method: Method,
    path: String,
    data: Option<Value>,
    sent: SentError,
}

impl RefusedOperation {
    /// The operation as if it were a request of its own, and the error it was answered with.
    #[must_use]
    pub fn as_request(&self, bulk: &RequestRecord) -> (RequestRecord, &SentError) {
        let body = self.data.as_ref().map(|data| Bytes::from(data.to_string())).unwrap_or_default();
        let full_path = journal_path(&bulk.full_path, &self.path, &bulk.types);
        let path = self.path.clone();
        (RequestRecord { method: self.method.clone(), path, full_path, body, ..bulk.clone() }, &self.sent)
    }
}

/// `POST /Bulk`.
pub async fn bulk(State(state): State<AppState>, caller: Caller, body: JsonBody) -> Answer {
    let request = BulkRequest::read(&body.json)?;
    let mut run = BulkRun::new(&state, &caller, &request);
    for index in request.order() {
        run.perform(index).await?;
        if request.fail_on_errors.is_some_and(|most| run.refused.len() as u64 >= most) {
            break;
        }
    }
    // If `failOnErrors` ended the request early, the remaining members do not exist.
    while let Some(waits_for) = run.deferred.first().map(|deferred| deferred.waits_for) {
        run.add_deferred(waits_for).await?;
    }
    let answers = run.outcomes.into_iter().filter_map(|done| match done {
        Outcome::Pending => None,
        Outcome::Succeeded(answer) | Outcome::Failed(answer) => Some(answer),
    });
    let answers: Vec<_> = answers.collect();
    let mut response: Response = ok(&bulk::response(&answers)).into_response();
    response.extensions_mut().insert(run.refused);
    Ok(response)
}

/// The state of an operation, with its response.
enum Outcome {
    Pending,
    Succeeded(Map<String, Value>),
    Failed(Map<String, Value>),
}

/// A resource that a POST will create.
struct PlannedResource {
    index: usize,
    id: Uuid,
}

/// Members that are added to a group once they exist.
struct DeferredMembers {
    group: usize,
    waits_for: usize,
    members: Vec<Value>,
}

struct BulkRun<'a> {
    state: &'a AppState,
    caller: &'a Caller,
    operations: &'a [BulkOperation],
    new: HashMap<&'a str, PlannedResource>,
    outcomes: Vec<Outcome>,
    deferred: Vec<DeferredMembers>,
    refused: Vec<RefusedOperation>,
}

impl<'a> BulkRun<'a> {
    fn new(state: &'a AppState, caller: &'a Caller, request: &'a BulkRequest) -> Self {
        let operations = &request.operations[..];
        let creators = request.creators().into_iter();
        let new =
            creators.map(|(bulk_id, index)| (bulk_id, PlannedResource { index, id: state.clock.new_id() })).collect();
        let outcomes = operations.iter().map(|_| Outcome::Pending).collect();
        Self { state, caller, operations, new, outcomes, deferred: Vec::new(), refused: Vec::new() }
    }

    /// Runs one operation. Only a server error ends the whole request, and only while nothing has been changed.
    async fn perform(&mut self, index: usize) -> Result<(), Refusal> {
        let mut unknown = None;
        let mut deferred = Vec::new();
        for reference in self.operations[index].references() {
            match self.new.get(reference.as_str()).map(|new| (new.index, &self.outcomes[new.index])) {
                Some((needed, Outcome::Pending)) => deferred.push(needed),
                Some((_, Outcome::Succeeded(_))) => {}
                Some((_, Outcome::Failed(_))) | None => unknown = Some(reference),
            }
        }
        let result = match unknown {
            Some(reference) => Err(ScimError::unknown_bulk_id(reference).into()),
            None => self.execute(index, &deferred).await,
        };
        self.record(index, result)?;
        self.add_deferred(index).await
    }

    async fn execute(&mut self, index: usize, deferred: &[usize]) -> Result<Map<String, Value>, Refusal> {
        let sent = &self.operations[index];
        let id_of = |bulk_id: &str| self.new.get(bulk_id).map(|new| new.id.to_string());
        let mut operation = sent.resolved(id_of);
        for &waits_for in deferred {
            let awaited = self.operations[waits_for].bulk_id.as_deref().and_then(id_of).unwrap_or_default();
            let members = operation.take_members(|id| id == awaited);
            if !members.is_empty() {
                self.deferred.push(DeferredMembers { group: index, waits_for, members });
            }
        }
        let id = sent.bulk_id.as_deref().and_then(|bulk_id| self.new.get(bulk_id));
        let id = id.filter(|new| new.index == index).map(|new| new.id);
        change(self.state, self.caller, &operation, id).await
    }

    /// Records the result of an operation.
    fn record(&mut self, index: usize, result: Result<Map<String, Value>, Refusal>) -> Result<(), Refusal> {
        let operation = &self.operations[index];
        let error = match result {
            Ok(answer) => {
                self.outcomes[index] = Outcome::Succeeded(answer);
                return Ok(());
            }
            Err(Refusal::Scim(error)) => error,
            // The client has to learn what has been changed already.
            Err(fault) if self.outcomes.iter().any(|done| matches!(done, Outcome::Succeeded(_))) => {
                fault.to_scim_error(&self.caller.origin.request_id)
            }
            Err(fault) => return Err(fault),
        };
        let location = match (operation.method.as_str(), parse_path(self.caller, &operation.path)) {
            ("PUT" | "PATCH" | "DELETE", Ok((_, Some(target)))) => Some(target.location(&self.caller.base_url)),
            _ => None,
        };
        let body = serde_json::to_value(&error).expect("a SCIM error is strings only");
        let mut answer = bulk::operation_response(operation, error.status, location, None);
        answer.insert("response".to_owned(), body.clone());
        self.outcomes[index] = Outcome::Failed(answer);
        self.refused.push(RefusedOperation {
            method: operation.method.parse().unwrap_or(Method::POST),
            path: operation.path.clone(),
            data: operation.data.clone(),
            sent: SentError { error, body },
        });
        Ok(())
    }

    /// Adds the members that waited for this operation. If it failed, the groups that need its resource are deleted again.
    async fn add_deferred(&mut self, index: usize) -> Result<(), Refusal> {
        let made = matches!(self.outcomes[index], Outcome::Succeeded(_));
        for deferred in self.deferred.extract_if(.., |deferred| deferred.waits_for == index).collect::<Vec<_>>() {
            let group = &self.operations[deferred.group];
            let Some(id) = group.bulk_id.as_deref().and_then(|bulk_id| self.new.get(bulk_id)).map(|new| new.id) else {
                continue;
            };
            if deferred.group != index && !matches!(self.outcomes[deferred.group], Outcome::Succeeded(_)) {
                continue;
            }
            let path = format!("/Groups/{id}");
            let follow_up = if made {
                let add = json!({"op": "add", "path": "members", "value": deferred.members});
                let data = json!({"schemas": [PATCH_OP_URN], "Operations": [add]});
                BulkOperation { method: "PATCH".into(), path, data: Some(data), ..BulkOperation::default() }
            } else {
                BulkOperation { method: "DELETE".into(), path, ..BulkOperation::default() }
            };
            let result = change(self.state, self.caller, &follow_up, None).await;
            let result = match (result, made, &mut self.outcomes[deferred.group]) {
                (Ok(answer), true, Outcome::Succeeded(first)) => {
                    first.extend(answer.into_iter().filter(|(name, _)| name == "version"));
                    continue;
                }
                (Ok(_), ..) => {
                    Err(ScimError::unknown_bulk_id(self.operations[index].bulk_id.as_deref().unwrap_or("?")).into())
                }
                (Err(error), ..) => Err(error),
            };
            self.record(deferred.group, result)?;
        }
        Ok(())
    }
}

/// Runs an operation whose references are resolved. `id` is that of the resource a POST creates.
async fn change(
    state: &AppState,
    caller: &Caller,
    operation: &BulkOperation,
    id: Option<Uuid>,
) -> Result<Map<String, Value>, Refusal> {
    let mut caller = caller.clone();
    caller.origin.method.clone_from(&operation.method);
    caller.origin.path = journal_path(&caller.origin.path, &operation.path, &caller.types);
    let (kind, target) = parse_path(&caller, &operation.path)?;
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

/// The resource or collection that an operation's path names: a path below the Tenant URL, or a whole URL.
fn parse_path(caller: &Caller, path: &str) -> Result<(ResourceKind, Option<Target>), ScimError> {
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

/// The path of an operation in a bulk request, for the journal.
fn journal_path(bulk: &str, path: &str, types: &Types) -> String {
    format!("{bulk}: {}", redact::path_and_query(path, types))
}
