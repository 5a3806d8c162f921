//! `/Groups`.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    endpoint::{
        caller::Caller,
        exact_id,
        json::{Answer, Sent, created, found, listed},
        probe,
        query::Query,
    },
    model::id::GroupId,
    scim::{document::Document, error::ScimError, patch::PatchRequest, schema},
    state::AppState,
    store::Members,
};

/// `POST /Groups` (RFC 7644 §3.3).
pub async fn create(caller: Caller, query: Query, State(state): State<AppState>, sent: Sent) -> Answer {
    let directory = caller.directory(&state, Some(sent.redacted));
    let group = directory.create_group(Document::read(schema::group(), &sent.json)?, query.members()).await?;
    Ok(created(&caller, &query, &group))
}

/// `GET /Groups/{id}` (§3.4.1).
pub async fn read(caller: Caller, query: Query, State(state): State<AppState>, Path(id): Path<String>) -> Answer {
    let group = caller.directory(&state, None).group(group_id(&id)?, query.members()).await?;
    Ok(found(&caller, &query, &group))
}

/// `GET /Groups` (§3.4.2).
pub async fn list(caller: Caller, query: Query, State(state): State<AppState>) -> Answer {
    let asked = query.list()?;
    let (total, groups) = caller.directory(&state, None).groups(&asked, query.members()).await?;
    let answer = listed(&caller, &query, asked.start_index, total, &groups);
    Ok(probe::mark(answer, asked.filter.as_ref(), total))
}

/// `PUT /Groups/{id}` (§3.5.1).
pub async fn replace(
    caller: Caller,
    query: Query,
    State(state): State<AppState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = group_id(&id)?;
    let directory = caller.directory(&state, Some(sent.redacted));
    let incoming = Document::read(schema::group(), &sent.json)?;
    let group = directory.replace_group(id, None, incoming, query.members()).await?;
    Ok(found(&caller, &query, &group))
}

/// `PATCH /Groups/{id}` (§3.5.2). Answered without a body, which for a big group would be long, unless attributes are
/// chosen.
pub async fn patch(
    mut caller: Caller,
    query: Query,
    State(state): State<AppState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = group_id(&id)?;
    let request = PatchRequest::read(&sent.json)?;
    caller.heard(&request);
    let shown = if query.chooses_attributes() { query.members() } else { Members::Without };
    let group = caller.directory(&state, Some(sent.redacted)).patch_group(id, None, request, shown).await?;
    Ok(if query.chooses_attributes() { found(&caller, &query, &group) } else { no_content() })
}

/// `DELETE /Groups/{id}` (§3.6).
pub async fn delete(caller: Caller, State(state): State<AppState>, Path(id): Path<String>) -> Answer {
    caller.directory(&state, None).delete_group(group_id(&id)?, None).await?;
    Ok(no_content())
}

fn group_id(text: &str) -> Result<GroupId, ScimError> {
    exact_id(text).map(GroupId).ok_or_else(|| ScimError::not_found("Group", text))
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
