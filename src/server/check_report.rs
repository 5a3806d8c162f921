//! Downloads the report of a connection check, for administrators of its tenant.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{auth::session::Session, check::Format, state::AppState};

/// The route of the reports, below the page of the check.
pub const ROUTE: &str = "/settings/security/check/{file}";

/// `report.txt`, `report.json` or `report.xml`.
pub async fn download(
    State(state): State<AppState>,
    session: tower_sessions::Session,
    Path(file): Path<String>,
) -> Response {
    let (format, media_type) = match file.as_str() {
        "report.txt" => (Format::Text, "text/plain; charset=utf-8"),
        "report.json" => (Format::Json, "application/json"),
        "report.xml" => (Format::Junit, "application/xml"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let account = match Session::from(session).account(&state.store, state.clock.now()).await {
        Ok(Some(account)) => account,
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(cause) => {
            tracing::error!(%cause, "The session of a report's download could not be read");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let Some(report) = state.connection_checks.report(account.tenant, format).await else {
        return (StatusCode::NOT_FOUND, "There is no report: no check was run recently.").into_response();
    };
    let attachment = format!("attachment; filename=\"connection-check.{}\"", file.trim_start_matches("report."));
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, attachment)], report).into_response()
}
