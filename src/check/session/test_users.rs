//! The three users A, B and C that filters, pages and sort orders are tested with.

use serde_json::{Value, json};

use super::{CreatedResource, Session, user_body};
use crate::check::failure::NotPassed;
use crate::check::service::{ENTERPRISE, Feature};

/// Three users, and a text that occurs in no other resource.
#[derive(Debug, Clone)]
pub struct TestUsers {
    tag: String,
    users: Vec<CreatedResource>,
}

impl TestUsers {
    /// Creates them.
    ///
    /// | | title | active | userType | e-mail | externalId | department |
    /// |---|---|---|---|---|---|---|
    /// | A | `$tag alpha` | true | `Employee` | work `$a`, home `home.$a` | `$tag-Ext-A` | `$tag Sales` |
    /// | B | `$tag Beta` | false | | work `$b` | `$tag-Ext-B` | |
    /// | C | `$tag "C" \ Ü` | true | `Contractor` | home `$c` | | |
    ///
    /// All have the displayName `$tag`.
    pub fn create(session: &mut Session) -> Result<Self, NotPassed> {
        let tag = session.names.text("Users");
        let names = [session.names.user_name(), session.names.user_name(), session.names.user_name()];
        let [a, b, c] = &names;
        let mut attributes = [
            json!({"title": format!("{tag} alpha"), "active": true, "userType": "Employee", "externalId": format!("{tag}-Ext-A"),
                "name": {"familyName": "Alphason", "givenName": tag},
                "emails": [{"type": "work", "value": a, "primary": true}, {"type": "home", "value": format!("home.{a}")}]}),
            json!({"title": format!("{tag} Beta"), "active": false, "externalId": format!("{tag}-Ext-B"),
                "emails": [{"type": "work", "value": b, "primary": true}]}),
            json!({"title": format!("{tag} \"C\" \\ Ü"), "active": true, "userType": "Contractor",
                "emails": [{"type": "home", "value": c, "primary": true}]}),
        ];
        if session.service.lacks(Feature::Enterprise).is_none() {
            attributes[0][ENTERPRISE] = json!({"department": format!("{tag} Sales")});
        }
        let mut users = Vec::new();
        for (name, mut attributes) in names.iter().zip(attributes) {
            attributes["displayName"] = Value::from(tag.as_str());
            users.push(session.create("/Users", name.clone(), &user_body(name, &attributes))?);
        }
        Ok(Self { tag, users })
    }

    /// A filter with the placeholders replaced: `$tag`, `$a`, `$A` (in capitals), `$b`, `$c`, `$idA`.
    pub fn fill_placeholders(&self, filter: &str) -> String {
        let [a, b, c] = [0, 1, 2].map(|index| self.users.get(index).map_or("", |user| user.name.as_str()));
        let id = self.users.first().map_or("", |user| user.id.as_str());
        let filter = filter.replace("$tag", &self.tag).replace("$idA", id).replace("$A", &a.to_uppercase());
        filter.replace("$a", a).replace("$b", b).replace("$c", c)
    }

    /// The text that occurs in no other resource.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The letters of the users with these ids, and how many ids belong to other resources.
    pub fn letters_of(&self, ids: &[&str]) -> (String, usize) {
        let letters = "abc".chars().zip(&self.users).filter(|(_, user)| ids.contains(&user.id.as_str()));
        let letters: String = letters.map(|(letter, _)| letter).collect();
        let others = ids.len().saturating_sub(letters.len());
        (letters, others)
    }

    /// The letters of these ids in their order.
    pub fn letters_in_order(&self, ids: &[&str]) -> String {
        let letter = |id: &&str| self.users.iter().position(|user| user.id == **id);
        ids.iter().map(|id| letter(id).and_then(|index| "abc".chars().nth(index)).unwrap_or('?')).collect()
    }
}
