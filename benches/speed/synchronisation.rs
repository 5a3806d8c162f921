//! An initial synchronization by `rollcall simulate`, and the server's share of the processor time.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::{
    installation::Installation,
    processes::Server,
    sample_users::{self, id},
};

/// An initial synchronization of `size` users, `at_once` in parallel.
pub async fn measure(size: u32, at_once: u8) {
    Installation::prepare(0).await;
    let installation = Installation::copy(0);
    let sample_users: Vec<Value> = (0..size).map(graph).collect();
    let users = installation.path().join("users.json");
    fs::write(&users, json!({"value": sample_users}).to_string()).unwrap();
    let (server, _) = Server::serve(installation.path()).await;
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    simulate
        .args([
            "simulate",
            "--quiet",
            "--concurrency",
            &at_once.to_string(),
            "--url",
            &format!("http://{}/v2/scim", server.address),
        ])
        .args(["--token", &installation.token, "--users"])
        .arg(&users)
        .stdout(Stdio::null());
    let began = Instant::now();
    let done = spawn_blocking(move || simulate.status().unwrap()).await.unwrap();
    let (took, used) = (began.elapsed().as_secs_f64(), server.processor_time().as_secs_f64());
    assert!(done.success(), "the simulation failed: {done}");
    println!(
        "first synchronisation, {at_once:2} at once{size:>7}   {took:.1} s, {:.0} sample_users a second; server {:.0} % of the time (at most 40), of two cores {:.0} %",
        f64::from(size) / took,
        100.0 * used / took,
        50.0 * used / took
    );
}

/// A user in the format of Microsoft Graph.
fn graph(number: u32) -> Value {
    let scim = sample_users::document(number);
    json!({
        "id": id(number), "userPrincipalName": scim["userName"], "displayName": scim["displayName"],
        "givenName": scim["name"]["givenName"], "surname": scim["name"]["familyName"], "mail": scim["userName"],
        "mailNickname": format!("user{number}"), "accountEnabled": true, "jobTitle": scim["title"],
        "department": format!("Department {}", number % 40), "employeeId": number.to_string(),
        "businessPhones": [scim["phoneNumbers"][0]["value"]], "mobilePhone": scim["phoneNumbers"][1]["value"],
        "streetAddress": scim["addresses"][0]["streetAddress"], "city": "London", "postalCode": "WC2E 9LY",
    })
}
