//! Tests that are data: filters over the cast, and a PATCH of one user.

use serde_json::Value;

use super::{Made, Session};
use crate::check::answer::Answer;
use crate::check::request::Request;
use crate::check::test::Stop;

impl Session {
    /// A filter finds exactly these of the cast, and nobody else.
    pub(super) fn finds(&mut self, filter: &str, whom: &str) -> Result<(), Stop> {
        let cast = self.cast()?;
        let request = Request::get("/Users").with("filter", &cast.fill(filter)).with("count", "100");
        let answer = self.send(&request).ok()?;
        let ids = answer.ids()?;
        let (found, strangers) = cast.letters(&ids);
        let others = if strangers == 0 { String::new() } else { format!(" and {strangers} others") };
        answer.demand(found == whom && strangers == 0, || {
            let name = |letters: &str| if letters.is_empty() { "nobody".into() } else { letters.to_uppercase() };
            format!("the filter should find {}, and finds {}{others}", name(whom), name(&found))
        })
    }

    /// A PATCH is accepted, and these attributes hold afterwards, in its answer and read back.
    pub(super) fn patches(&mut self, before: &str, operations: &str, after: &str) -> Result<(), Stop> {
        let mut words = self.words(&[before, operations, after])?;
        let user = self.user(&words.read(before)?)?;
        words.know(&user);
        let expected = words.read(after)?;
        let answer = self.patch(&user.path, &words.read(operations)?).accepted()?;
        if answer.status == 200 {
            answer.holds(&expected)?;
        }
        self.read(&user.path)?.holds(&expected)
    }

    /// A PATCH is refused with 400 and changes nothing.
    pub(super) fn refuses(&mut self, before: &str, operations: &str) -> Result<(), Stop> {
        let mut words = self.words(&[before, operations])?;
        let user = self.user(&words.read(before)?)?;
        words.know(&user);
        let before = self.read(&user.path)?;
        let refusal = self.patch(&user.path, &words.read(operations)?).status(&[400])?;
        self.unchanged(&refusal, &before, &user.path)
    }

    /// What was refused changed nothing.
    pub fn unchanged(&mut self, refusal: &Answer, before: &Answer, path: &str) -> Result<(), Stop> {
        let after = self.read(path)?;
        refusal.demand(after.body == before.body, || {
            format!("the request was refused, but it changed the resource: {} became {}", before.body, after.body)
        })
    }

    /// The words that stand for something in the texts of a test; makes the other user if one is spoken of.
    fn words(&mut self, texts: &[&str]) -> Result<Words, Stop> {
        let mut known = vec![("$new", self.names.user())];
        if texts.iter().any(|text| text.contains("$other")) {
            let other = self.user(&Value::Object(serde_json::Map::new()))?;
            known.extend([("$otherId", other.id), ("$other", other.name)]);
        }
        Ok(Words { known })
    }
}

/// Words such as `$other` and what they stand for.
struct Words {
    known: Vec<(&'static str, String)>,
}

impl Words {
    fn know(&mut self, user: &Made) {
        self.known.extend([("$id", user.id.clone()), ("$name", user.name.clone())]);
    }

    fn read(&self, text: &str) -> Result<Value, Stop> {
        // Ids and names go into JSON texts; none of them needs escaping but an id might.
        let fill = |text: String, (word, value): &(&str, String)| {
            let quoted = Value::from(value.as_str()).to_string();
            text.replace(word, quoted.trim_matches('"'))
        };
        let text = self.known.iter().fold(text.to_owned(), fill);
        serde_json::from_str(&text).map_err(|error| Stop::failed(format!("the test itself is no JSON: {error}"), None))
    }
}
