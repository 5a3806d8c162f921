//! Lists: `GET` on a collection or the root, and `POST` to `.search` (RFC 7644 §3.4.2, §3.4.3).

use axum::extract::State;

use crate::{
    endpoint::{
        caller::Caller,
        cursor::{self, CursorContext},
        json::{Answer, JsonBody, RenderedResource, listed},
        probe,
        query::{ListParameters, members},
        resources::Collection,
    },
    model::journal::ResourceKind,
    scim::list::{ListQuery, ListResponse, PagePosition, PageStart},
    state::AppState,
    store::Start,
};

/// All types together.
const ALL: &[ResourceKind] = &[ResourceKind::User, ResourceKind::Group];

/// `GET /Users`, `GET /Groups`.
pub async fn list(State(at): State<Collection>, caller: Caller, ListParameters(query): ListParameters) -> Answer {
    answer(&at.state, &caller, &[at.kind], query).await
}

/// `POST /Users/.search`, `POST /Groups/.search`.
pub async fn search(State(at): State<Collection>, caller: Caller, body: JsonBody) -> Answer {
    answer(&at.state, &caller, &[at.kind], ListQuery::read_search(&body.json)?).await
}

/// `GET /`: of all types.
pub async fn list_all(State(state): State<AppState>, caller: Caller, ListParameters(query): ListParameters) -> Answer {
    answer(&state, &caller, ALL, query).await
}

/// `POST /.search`: of all types.
pub async fn search_all(State(state): State<AppState>, caller: Caller, body: JsonBody) -> Answer {
    answer(&state, &caller, ALL, ListQuery::read_search(&body.json)?).await
}

async fn answer(state: &AppState, caller: &Caller, kinds: &[ResourceKind], mut query: ListQuery) -> Answer {
    let now = state.clock.now();
    let context = CursorContext { caller, kinds, query: &query, now };
    let start = match &query.start {
        PageStart::Index(index) => Start::Offset(index.saturating_sub(1)),
        PageStart::FirstCursor => context.first()?,
        PageStart::Cursor(cursor) => {
            let (position, count) = cursor::open(&state.token_key, &context, cursor)?;
            query.count = Some(count);
            Start::After(position)
        }
    };
    let context = CursorContext { caller, kinds, query: &query, now };
    let directory = caller.directory(state, None);
    let found = directory.list(kinds, &query, start, members(&query.projection)).await?;
    let position = match query.start {
        PageStart::Index(index) => PagePosition::Index(index),
        _ => PagePosition::Before(found.next.map(|position| cursor::seal(&state.token_key, &context, position))),
    };
    let shown = found.resources.iter().map(|resource| RenderedResource::new(caller, &query.projection, resource));
    let resources = shown.collect::<Result<Vec<_>, _>>()?;
    let answer = listed(&ListResponse { total_results: found.total, position, resources })?;
    Ok(probe::mark(answer, query.filter.as_ref(), found.total))
}
