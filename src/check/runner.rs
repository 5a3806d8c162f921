//! Runs tests and deletes what they created.

use serde_json::{Map, Value};

use super::clock;
use super::failure::{Failure, NotPassed};
use super::outcome::{Outcome, Verdict};
use super::request::Request;
use super::session::{CreatedResource, Session};
use super::test::{Run, Test, rfc};

/// The last test of each run.
const CLEAN_UP: Test = rfc(
    "RFC 7644 §3.6",
    "cleanup.everything_made_is_deleted",
    "Everything that the check created can be deleted",
    Run::Code(|_| Ok(())),
)
.meaning("What Entra deletes stays on the service. Delete the resources listed here by hand.");

/// Runs one test and deletes what it created.
pub fn run_test(session: &mut Session, test: &Test) -> Outcome {
    let started = clock::now();
    let missing = test.required_features.iter().find_map(|feature| session.service.lacks(*feature));
    let verdict = match missing {
        Some(reason) => Verdict::Skipped { reason },
        None if session.http.stopped_answering() => {
            let what = "the service stopped answering; the test was not run".into();
            Verdict::Failed(Failure { what, exchange: None })
        }
        None => verdict(execute(session, test.run)),
    };
    session.delete_created();
    Outcome::of(test, verdict, started.elapsed())
}

/// Deletes what is left of the whole run.
pub fn clean_up(session: &mut Session) -> Outcome {
    let started = clock::now();
    let result = session.delete_everything();
    Outcome::of(&CLEAN_UP, verdict(result), started.elapsed())
}

fn verdict(result: Result<(), NotPassed>) -> Verdict {
    match result {
        Ok(()) => Verdict::Passed,
        Err(NotPassed::Failed(failure)) => Verdict::Failed(*failure),
        Err(NotPassed::Skipped(reason)) => Verdict::Skipped { reason },
    }
}

fn execute(session: &mut Session, run: Run) -> Result<(), NotPassed> {
    match run {
        Run::Code(code) => code(session),
        Run::Filter { filter, expected } => run_filter(session, filter, expected),
        Run::Patch { before, operations, after } => run_patch(session, before, operations, after),
        Run::RefusedPatch { before, operations } => run_refused_patch(session, before, operations),
    }
}

/// The filter has to find exactly these test users, and no other user.
fn run_filter(session: &mut Session, filter: &str, expected: &str) -> Result<(), NotPassed> {
    let test_users = session.test_users()?;
    let filter = test_users.fill_placeholders(filter);
    let answer = session.send(&Request::get("/Users").query("filter", &filter).query("count", "100")).require_ok()?;
    let (found, others) = test_users.letters_of(&answer.ids()?);
    let and_others = if others == 0 { String::new() } else { format!(" and {others} other users") };
    answer.require(found == expected && others == 0, || {
        let name = |letters: &str| if letters.is_empty() { "nobody".into() } else { letters.to_uppercase() };
        format!("the filter should find {}, but finds {}{and_others}", name(expected), name(&found))
    })
}

/// The PATCH has to be accepted, and the user has to have these attributes in the response and when read again.
fn run_patch(session: &mut Session, before: &str, operations: &str, after: &str) -> Result<(), NotPassed> {
    let mut placeholders = Placeholders::new(session, &[before, operations, after])?;
    let user = session.user(&placeholders.parse(before)?)?;
    placeholders.add_user(&user);
    let expected = placeholders.parse(after)?;
    let answer = session.patch(&user.path, &placeholders.parse(operations)?).require_accepted()?;
    if answer.status == 200 {
        answer.require_values(&expected)?;
    }
    session.read(&user.path)?.require_values(&expected)
}

/// The PATCH has to be refused with 400 and must change nothing.
fn run_refused_patch(session: &mut Session, before: &str, operations: &str) -> Result<(), NotPassed> {
    let mut placeholders = Placeholders::new(session, &[before, operations])?;
    let user = session.user(&placeholders.parse(before)?)?;
    placeholders.add_user(&user);
    let before = session.read(&user.path)?;
    let refusal = session.patch(&user.path, &placeholders.parse(operations)?).require_status(&[400])?;
    session.require_unchanged(&refusal, &before, &user.path)
}

/// Words such as `$other` in the JSON texts of a test, and their values in this run.
struct Placeholders {
    values: Vec<(&'static str, String)>,
}

impl Placeholders {
    /// `$new`, and `$other` for another user, who is created if one of the texts mentions it.
    fn new(session: &mut Session, texts: &[&str]) -> Result<Self, NotPassed> {
        let mut values = vec![("$new", session.names.user_name())];
        if texts.iter().any(|text| text.contains("$other")) {
            let other = session.user(&Value::Object(Map::new()))?;
            values.extend([("$otherId", other.id), ("$other", other.name)]);
        }
        Ok(Self { values })
    }

    fn add_user(&mut self, user: &CreatedResource) {
        self.values.extend([("$id", user.id.clone()), ("$name", user.name.clone())]);
    }

    fn parse(&self, text: &str) -> Result<Value, NotPassed> {
        let fill = |text: String, (placeholder, value): &(&str, String)| {
            // An id may need escaping inside a JSON text.
            let quoted = Value::from(value.as_str()).to_string();
            text.replace(placeholder, quoted.trim_matches('"'))
        };
        let text = self.values.iter().fold(text.to_owned(), fill);
        let invalid = |error| NotPassed::failed(format!("the test itself is not valid JSON: {error}"), None);
        serde_json::from_str(&text).map_err(invalid)
    }
}
