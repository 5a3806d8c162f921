//! Tests that are data: filters over the cast, and a PATCH of one user.

use serde_json::Value;

use super::{CreatedResource, Session};
use crate::check::answer::Answer;
use crate::check::request::Request;
use crate::check::test::NotPassed;

impl Session {
    /// A filter finds exactly these of the cast, and nobody else.
    pub(super) fn run_filter(&mut self, filter: &str, expected: &str) -> Result<(), NotPassed> {
        let test_users = self.test_users()?;
        let request =
            Request::get("/Users").query("filter", &test_users.fill_placeholders(filter)).query("count", "100");
        let answer = self.send(&request).require_ok()?;
        let ids = answer.ids()?;
        let (found, unknown) = test_users.letters_of(&ids);
        let others = if unknown == 0 { String::new() } else { format!(" and {unknown} others") };
        answer.require(found == expected && unknown == 0, || {
            let name = |letters: &str| if letters.is_empty() { "nobody".into() } else { letters.to_uppercase() };
            format!("the filter should find {}, and finds {}{others}", name(expected), name(&found))
        })
    }

    /// A PATCH is accepted, and these attributes hold afterwards, in its answer and read back.
    pub(super) fn run_patch(&mut self, before: &str, operations: &str, after: &str) -> Result<(), NotPassed> {
        let mut placeholders = self.placeholders(&[before, operations, after])?;
        let user = self.user(&placeholders.parse(before)?)?;
        placeholders.add(&user);
        let expected = placeholders.parse(after)?;
        let answer = self.patch(&user.path, &placeholders.parse(operations)?).require_accepted()?;
        if answer.status == 200 {
            answer.require_values(&expected)?;
        }
        self.read(&user.path)?.require_values(&expected)
    }

    /// A PATCH is refused with 400 and changes nothing.
    pub(super) fn run_refused_patch(&mut self, before: &str, operations: &str) -> Result<(), NotPassed> {
        let mut placeholders = self.placeholders(&[before, operations])?;
        let user = self.user(&placeholders.parse(before)?)?;
        placeholders.add(&user);
        let before = self.read(&user.path)?;
        let refusal = self.patch(&user.path, &placeholders.parse(operations)?).require_status(&[400])?;
        self.unchanged(&refusal, &before, &user.path)
    }

    /// What was refused changed nothing.
    pub fn unchanged(&mut self, refusal: &Answer, before: &Answer, path: &str) -> Result<(), NotPassed> {
        let after = self.read(path)?;
        refusal.require(after.body == before.body, || {
            format!("the request was refused, but it changed the resource: {} became {}", before.body, after.body)
        })
    }

    /// The words that stand for something in the texts of a test; makes the other user if one is spoken of.
    fn placeholders(&mut self, texts: &[&str]) -> Result<Placeholders, NotPassed> {
        let mut values = vec![("$new", self.names.user_name())];
        if texts.iter().any(|text| text.contains("$other")) {
            let other = self.user(&Value::Object(serde_json::Map::new()))?;
            values.extend([("$otherId", other.id), ("$other", other.name)]);
        }
        Ok(Placeholders { values })
    }
}

/// Placeholders such as `$other` and what they stand for.
struct Placeholders {
    values: Vec<(&'static str, String)>,
}

impl Placeholders {
    fn add(&mut self, user: &CreatedResource) {
        self.values.extend([("$id", user.id.clone()), ("$name", user.name.clone())]);
    }

    fn parse(&self, text: &str) -> Result<Value, NotPassed> {
        // Ids and names go into JSON texts; none of them needs escaping but an id might.
        let fill = |text: String, (word, value): &(&str, String)| {
            let quoted = Value::from(value.as_str()).to_string();
            text.replace(word, quoted.trim_matches('"'))
        };
        let text = self.values.iter().fold(text.to_owned(), fill);
        serde_json::from_str(&text)
            .map_err(|error| NotPassed::failed(format!("the test itself is no JSON: {error}"), None))
    }
}
