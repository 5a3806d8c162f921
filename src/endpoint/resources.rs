//! `/Users` and `/Groups`.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    endpoint::{
        caller::Caller,
        changes::{self, Target},
        json::{Answer, JsonBody, created, found, stored},
        query::SelectedAttributes,
        refusals::Refusal,
    },
    model::journal::ResourceKind,
    scim::{patch::PatchRequest, version::Versions},
    state::AppState,
    store::MemberSelection,
};

/// What the routes of one resource type share.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The application state.
    pub state: AppState,
    /// The resource type.
    pub kind: ResourceKind,
}

/// `If-Match` (RFC 7644 §3.14).
#[derive(Clone, Debug)]
pub struct IfMatch(Option<Versions>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        Ok(Self(versions(&parts.headers, &header::IF_MATCH)))
    }
}

/// `POST` (RFC 7644 §3.3).
pub async fn create(
    State(at): State<Collection>,
    caller: Caller,
    selected: SelectedAttributes,
    body: JsonBody,
) -> Answer {
    let directory = caller.directory(&at.state, Some(body.redacted));
    let id = at.state.clock.new_id();
    let resource = changes::create(&directory, at.kind, id, &body.json, selected.members()).await?;
    created(&caller, &selected.0, resource)
}

/// `GET` (§3.4.1); 304 if the client has this version already.
pub async fn read(
    State(at): State<Collection>,
    caller: Caller,
    selected: SelectedAttributes,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let target = Target::read(at.kind, &id)?;
    let resource = target.get(&caller.directory(&at.state, None), selected.members()).await?;
    let known = versions(&headers, &header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.include(&resource)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, resource.etag())]).into_response());
    }
    stored(&caller, &selected.0, &resource)
}

/// `PUT` (§3.5.1).
pub async fn replace(
    State(at): State<Collection>,
    caller: Caller,
    selected: SelectedAttributes,
    Path(id): Path<String>,
    IfMatch(versions): IfMatch,
    body: JsonBody,
) -> Answer {
    let target = Target::read(at.kind, &id)?;
    let directory = caller.directory(&at.state, Some(body.redacted));
    let resource = target.replace(&directory, versions.as_ref(), &body.json, selected.members()).await?;
    found(&caller, &selected.0, resource)
}

/// `PATCH` (§3.5.2). The response contains a user always, a group, which may be large, only if attributes are selected.
pub async fn patch(
    State(at): State<Collection>,
    caller: Caller,
    selected: SelectedAttributes,
    Path(id): Path<String>,
    IfMatch(versions): IfMatch,
    body: JsonBody,
) -> Answer {
    let target = Target::read(at.kind, &id)?;
    let request = PatchRequest::read(&body.json)?;
    let answered = at.kind == ResourceKind::User || selected.has_selection();
    let members = if answered { selected.members() } else { MemberSelection::None };
    let directory = caller.directory(&at.state, Some(body.redacted));
    let resource = target.patch(&directory, versions.as_ref(), request, members).await?;
    if answered {
        return found(&caller, &selected.0, resource);
    }
    Ok((StatusCode::NO_CONTENT, [(header::ETAG, resource.etag())]).into_response())
}

/// `DELETE` (§3.6).
pub async fn delete(
    State(at): State<Collection>,
    caller: Caller,
    Path(id): Path<String>,
    IfMatch(versions): IfMatch,
) -> Result<Response, Refusal> {
    Target::read(at.kind, &id)?.delete(&caller.directory(&at.state, None), versions.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The versions in a header, which may occur several times.
fn versions(headers: &HeaderMap, name: &HeaderName) -> Option<Versions> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    Versions::read(&lines.join(","))
}
