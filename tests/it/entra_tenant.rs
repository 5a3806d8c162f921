//! A source directory for the Entra simulator, and a fake service as its target.

use std::path::PathBuf;

use rollcall::entra::{Job, Outcome, Verify, simulate};
use serde_json::{Value, json};

use crate::entra_fake_service::FakeService;

/// A folder with an export and a state file, and the target service.
pub struct Tenant {
    folder: tempfile::TempDir,
    pub fake: FakeService,
}

impl Tenant {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), fake: FakeService::start() }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the export of users.
    pub fn users(&self, users: &[Value]) -> &Self {
        std::fs::write(self.file("users.json"), json!({"value": users}).to_string()).unwrap();
        self
    }

    pub fn groups(&self, groups: &[Value]) -> &Self {
        std::fs::write(self.file("groups.json"), json!({"value": groups}).to_string()).unwrap();
        self
    }

    pub fn job(&self) -> Job {
        let groups = self.file("groups.json");
        Job {
            groups: if groups.exists() { vec![groups] } else { Vec::new() },
            state: Some(self.file("state.json")),
            report: Some(self.file("report.json")),
            verify: Verify::Exact,
            quiet: true,
            ..Job::new(&self.fake.url, "secret", self.file("users.json"))
        }
    }

    #[track_caller]
    #[expect(clippy::unused_self, reason = "tests read: this tenant's directory is provisioned")]
    pub fn run(&self, job: &Job) -> Outcome {
        simulate(job, &mut Vec::new()).unwrap()
    }

    pub fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file("report.json")).unwrap()).unwrap()
    }

    /// `identity: action status error code` for each object of the last report.
    pub fn records(&self) -> Vec<String> {
        let report = self.report();
        let objects = report["objects"].as_array().unwrap().iter().map(|object| {
            let info = &object["provisioningStatusInfo"];
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let code = word(&info["errorInformation"]["errorCode"]);
            let line = [
                word(&object["sourceIdentity"]["displayName"]),
                word(&object["provisioningAction"]),
                word(&info["status"]),
                code,
            ];
            line.join(" ").trim_end().to_owned()
        });
        objects.collect()
    }
}

/// One user of the export.
pub fn user(id: &str, more: Value) -> Value {
    let mut user = json!({"id": id, "userPrincipalName": format!("{id}@x.org"), "displayName": id, "givenName": null, "surname": null,
        "mail": null, "mailNickname": id, "accountEnabled": true, "jobTitle": null, "department": "IT"});
    let Value::Object(more) = more else { panic!("attributes are an object") };
    user.as_object_mut().unwrap().extend(more);
    user
}
