//! The readiness check against services with one fault each: Rollcall behind a layer that changes requests or responses.
//! Each fault fails exactly the expected tests, and everything that was created is deleted.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use rollcall::check::{Options, Report, Verdict, run};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::{check::failures, support::TestApp};

/// The fault of a service.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    NotFoundForEmptyResult,
    JsonType,
    NumericStatus,
    NoDetail,
    PatchOneByOne,
    LegacyRemoveEmptiesGroup,
    StatusOfCreate,
    DuplicatesAccepted,
    FilterIgnored,
    DeleteFailsAtFirst,
    DeleteNeverWorks,
    CreatedButBroken,
    MembersAlways,
    BulkWithoutLimit,
    BulkCircleIncomplete,
    WrongTypeForCount,
}

#[derive(Clone)]
struct FaultyService {
    fault: Fault,
    deletions: Arc<AtomicUsize>,
}

/// Checks a service with this fault.
async fn check(fault: Fault, only: &[&str]) -> (TestApp, Report) {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let report = check_on(&app, fault, only).await;
    (app, report)
}

async fn check_on(app: &TestApp, fault: Fault, only: &[&str]) -> Report {
    let service = FaultyService { fault, deletions: Arc::default() };
    let router = app.router.clone().layer(middleware::from_fn_with_state(service, apply_fault));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2/scim", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let only = only.iter().map(|name| (*name).to_owned()).collect();
    let options = Options { only, ..Options::new(url, app.token()) };
    spawn_blocking(move || run(&options, &mut |_| ControlFlow::Continue(())).unwrap()).await.unwrap()
}

async fn left_behind(app: &TestApp) -> u64 {
    let mut left = 0;
    for path in ["/v2/scim/Users", "/v2/scim/Groups"] {
        left += app.entra().get(path).await.json()["totalResults"].as_u64().unwrap();
    }
    left
}

/// Of the selected tests, exactly the expected ones fail.
async fn check_reports(fault: Fault, only: &[&str], expected: &[&str]) {
    let (app, report) = check(fault, only).await;
    let failed = report.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_)));
    let failed: Vec<_> = failed.map(|outcome| outcome.name).collect();
    assert_eq!(failed, expected, "{fault:?}: {:#?}", failures(&report));
    assert_eq!(left_behind(&app).await, 0, "{fault:?}: not everything was deleted");
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_for_an_empty_result_is_detected() {
    let expected =
        ["lists.no_hits", "entra_users.test_connection", "validator_users.filter_unknown", "okta.unknown_name"];
    let only = ["lists.no_hits", "entra_users.test", "validator_users.filter", "okta.unknown", "create", "patch"];
    check_reports(Fault::NotFoundForEmptyResult, &only, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_media_type_is_detected() {
    let expected = ["transport.scim_type", "transport.scim_type_of_errors"];
    check_reports(Fault::JsonType, &["transport", "errors", "create", "lists", "discovery"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_numeric_status_is_detected() {
    let (app, report) = check(Fault::NumericStatus, &["errors.not_found", "errors.detail", "okta.unknown_id"]).await;
    let failed = failures(&report);
    let why = "status of the error should be the string \"404\", but is 404";
    assert_eq!(failed, [format!("errors.not_found: {why}"), format!("okta.unknown_id: {why}")]);
    assert_eq!(left_behind(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_without_detail_is_detected() {
    check_reports(Fault::NoDetail, &["errors"], &["errors.detail"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_applied_in_part_is_detected() {
    check_reports(Fault::PatchOneByOne, &["patch"], &["patch.atomic", "patch.taken_name"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_emptied_by_the_older_dialect_is_detected() {
    let expected = [
        "entra_groups.remove_without_flag",
        "entra_groups.remove_stranger",
        "entra_groups.add_and_remove",
        "validator_groups.remove_member",
    ];
    check_reports(Fault::LegacyRemoveEmptiesGroup, &["groups", "entra_groups", "validator_groups"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_status_for_a_new_resource_is_detected() {
    check_reports(Fault::StatusOfCreate, &["create", "delete", "lifecycle.restored"], &["create.created"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_duplicate_is_detected_and_deleted() {
    let expected = ["create.duplicate", "create.duplicate_in_other_case"];
    check_reports(Fault::DuplicatesAccepted, &["create"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_filters_are_detected() {
    let (app, report) = check(Fault::FilterIgnored, &["filters.eq", "filters.malformed"]).await;
    let failed = failures(&report);
    assert!(
        failed.iter().any(|line| line.starts_with("filters.eq: the filter should find A, but finds ABC")),
        "{failed:?}"
    );
    assert!(failed.iter().any(|line| line.starts_with("filters.malformed")), "{failed:?}");
    assert_eq!(left_behind(&app).await, 0);
}

/// The clean-up searches for names of its run; a service that ignores filters returns all users.
#[tokio::test(flavor = "multi_thread")]
async fn users_of_others_are_never_deleted() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let stays = app.entra().create_user("rc@contoso.example").await;
    let report = check_on(&app, Fault::FilterIgnored, &["create", "delete", "replace"]).await;
    assert!(report.passed() > 10, "{}", report.score_line());
    let users = app.entra().get("/v2/scim/Users").await.json();
    assert_eq!((&users["totalResults"], &users["Resources"][0]["id"]), (&1.into(), &stays.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_cannot_be_deleted_at_first_is_deleted_at_the_end() {
    let (app, report) = check(Fault::DeleteFailsAtFirst, &["create.read_back", "lists.count"]).await;
    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!(left_behind(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_cannot_be_deleted_is_reported() {
    let (app, report) = check(Fault::DeleteNeverWorks, &["create.read_back"]).await;
    let failed = failures(&report);
    let left = app.entra().get("/v2/scim/Users").await.json()["Resources"][0]["id"].clone();
    assert_eq!(
        failed,
        [format!("cleanup.everything_made_is_deleted: could not be deleted: /Users/{}", left.as_str().unwrap())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_created_despite_an_error_is_deleted() {
    let (app, report) = check(Fault::CreatedButBroken, &["create.read_back", "groups.created", "okta.create"]).await;
    assert_eq!(report.failed(), 3, "{:?}", failures(&report));
    assert_eq!(left_behind(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_were_excluded_are_detected() {
    let expected =
        ["entra_groups.lookup", "validator_groups.get_without_members", "validator_groups.filter_without_members"];
    check_reports(Fault::MembersAlways, &["entra_groups", "validator_groups"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_without_limits_is_detected() {
    check_reports(Fault::BulkWithoutLimit, &["bulk"], &["bulk.too_many", "bulk.too_large"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_circular_reference_is_detected() {
    check_reports(Fault::BulkCircleIncomplete, &["bulk"], &["bulk.circular"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_scim_type_for_count_is_detected() {
    check_reports(Fault::WrongTypeForCount, &["cursor"], &["cursor.too_many", "cursor.other_count"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_the_exchange_without_secrets() {
    let (app, report) = check(Fault::StatusOfCreate, &["create.created", "okta.create"]).await;
    let json = serde_json::to_value(&report.outcomes).unwrap();
    let exchange = &json[0]["exchange"];
    assert!(exchange["request"].as_str().unwrap().starts_with("POST http://127.0.0.1:"), "{exchange}");
    assert_eq!(
        (&exchange["status"], &exchange["request_headers"][0]),
        (&200.into(), &"Authorization: Bearer …".into())
    );
    assert_eq!(json[0]["status"], "failed");
    let text = json.to_string();
    assert!(!text.contains(app.token()) && !text.contains("tr0mb0ne"), "{text}");
}

/// Applies the fault to a request or its response.
async fn apply_fault(State(service): State<FaultyService>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let again = |body: Bytes| Request::from_parts(parts.clone(), Body::from(body));
    let path = parts.uri.path().to_owned();
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_create = parts.method == Method::POST && (path.ends_with("/Users") || path.ends_with("/Groups"));
    match service.fault {
        Fault::PatchOneByOne if parts.method == Method::PATCH => {
            let mut last = StatusCode::BAD_REQUEST.into_response();
            for operation in sent["Operations"].as_array().cloned().unwrap_or_default() {
                let one = json!({"schemas": sent["schemas"], "Operations": [operation]});
                last = next.clone().run(again(one.to_string().into())).await;
                if !last.status().is_success() {
                    return last;
                }
            }
            last
        }
        Fault::LegacyRemoveEmptiesGroup if parts.method == Method::PATCH => {
            let mut changed = sent.clone();
            for operation in changed["Operations"].as_array_mut().unwrap() {
                if operation["op"] == "Remove" && operation["path"] == "members" {
                    operation.as_object_mut().unwrap().remove("value");
                }
            }
            next.run(again(changed.to_string().into())).await
        }
        Fault::DuplicatesAccepted if is_create => {
            let answer = next.clone().run(again(body)).await;
            if answer.status() != StatusCode::CONFLICT {
                return answer;
            }
            let mut changed = sent.clone();
            changed["userName"] = json!(format!("{}x", sent["userName"].as_str().unwrap()));
            next.run(again(changed.to_string().into())).await
        }
        Fault::FilterIgnored if parts.uri.query().is_some_and(|query| query.contains("filter=")) => {
            let mut request = again(body);
            *request.uri_mut() = format!("{path}?count=100").parse().unwrap();
            next.run(request).await
        }
        Fault::MembersAlways => {
            let mut request = again(body);
            let query = parts.uri.query().unwrap_or_default().replace("excludedAttributes", "nothing");
            *request.uri_mut() = format!("{path}?{query}").parse().unwrap();
            next.run(request).await
        }
        Fault::BulkWithoutLimit if path.ends_with("/Bulk") && body.len() > 40_000 => {
            let done = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "Operations": []});
            axum::Json(done).into_response()
        }
        // The first group is created without the member that follows it.
        Fault::BulkCircleIncomplete if path.ends_with("/Bulk") && sent["Operations"][0]["bulkId"] == "one" => {
            let mut changed = sent.clone();
            if let Some(data) = changed["Operations"][0]["data"].as_object_mut() {
                data.remove("members");
            }
            next.run(again(changed.to_string().into())).await
        }
        Fault::DeleteFailsAtFirst if parts.method == Method::DELETE => {
            if service.deletions.fetch_add(1, Ordering::Relaxed) < 4 {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            next.run(again(body)).await
        }
        Fault::DeleteNeverWorks if parts.method == Method::DELETE => StatusCode::FORBIDDEN.into_response(),
        Fault::CreatedButBroken if is_create => {
            let answer = next.run(again(body)).await;
            if answer.status() == StatusCode::CREATED {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            answer
        }
        fault => change_response(fault, is_create, next.run(again(body)).await).await,
    }
}

async fn change_response(fault: Fault, is_create: bool, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let is_error = parts.status.is_client_error() && json.is_object();
    match fault {
        Fault::NotFoundForEmptyResult if json["totalResults"] == 0 => {
            parts.status = StatusCode::NOT_FOUND;
            json = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "nobody"});
        }
        Fault::JsonType if !body.is_empty() => {
            parts.headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        }
        Fault::WrongTypeForCount if json["scimType"] == "invalidCount" => json["scimType"] = "invalidValue".into(),
        Fault::NumericStatus if is_error => json["status"] = parts.status.as_u16().into(),
        Fault::NoDetail if is_error => json["detail"] = "".into(),
        Fault::StatusOfCreate if is_create && parts.status == StatusCode::CREATED => parts.status = StatusCode::OK,
        _ => return Response::from_parts(parts, Body::from(body)),
    }
    Response::from_parts(parts, Body::from(if json.is_null() { body } else { json.to_string().into() }))
}
