//! `/Users`.

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
    model::id::UserId,
    scim::{document::Document, error::ScimError, patch::PatchRequest, schema},
    state::AppState,
};

/// `POST /Users` (RFC 7644 §3.3).
pub async fn create(caller: Caller, query: Query, State(state): State<AppState>, sent: Sent) -> Answer {
    let directory = caller.directory(&state, Some(sent.redacted));
    let user = directory.create_user(Document::read(schema::user(), &sent.json)?).await?;
    Ok(created(&caller, &query, &user))
}

/// `GET /Users/{id}` (§3.4.1).
pub async fn read(caller: Caller, query: Query, State(state): State<AppState>, Path(id): Path<String>) -> Answer {
    let user = caller.directory(&state, None).user(user_id(&id)?).await?;
    Ok(found(&caller, &query, &user))
}

/// `GET /Users` (§3.4.2).
pub async fn list(caller: Caller, query: Query, State(state): State<AppState>) -> Answer {
    let asked = query.list()?;
    let (total, users) = caller.directory(&state, None).users(&asked).await?;
    let answer = listed(&caller, &query, asked.start_index, total, &users);
    Ok(probe::mark(answer, asked.filter.as_ref(), total))
}

/// `PUT /Users/{id}` (§3.5.1).
pub async fn replace(
    caller: Caller,
    query: Query,
    State(state): State<AppState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = user_id(&id)?;
    let directory = caller.directory(&state, Some(sent.redacted));
    let user = directory.replace_user(id, None, Document::read(schema::user(), &sent.json)?).await?;
    Ok(found(&caller, &query, &user))
}

/// `PATCH /Users/{id}` (§3.5.2). Always answered with the user.
pub async fn patch(
    mut caller: Caller,
    query: Query,
    State(state): State<AppState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = user_id(&id)?;
    let request = PatchRequest::read(&sent.json)?;
    caller.heard(&request);
    let user = caller.directory(&state, Some(sent.redacted)).patch_user(id, None, request).await?;
    Ok(found(&caller, &query, &user))
}

/// `DELETE /Users/{id}` (§3.6).
pub async fn delete(caller: Caller, State(state): State<AppState>, Path(id): Path<String>) -> Answer {
    caller.directory(&state, None).delete_user(user_id(&id)?, None).await?;
    Ok(no_content())
}

fn user_id(text: &str) -> Result<UserId, ScimError> {
    exact_id(text).map(UserId).ok_or_else(|| ScimError::not_found("User", text))
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
