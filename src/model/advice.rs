//! Advice on a journal entry: what went wrong, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::model::journal::{Action, EntryDetail, Status};
use crate::model::token_mistake::TokenMistake;

/// Advice on an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// What happened.
    pub what_went_wrong: String,
    /// What to do about it.
    pub what_to_do: String,
}

/// Entra retries a failed object by itself.
const RETRY: &str = "Entra tries again in its next cycle, about every 40 minutes.";

/// The advice on an entry.
#[must_use]
pub fn advice(entry: &EntryDetail) -> Advice {
    let row = &entry.entry;
    if row.http_status == 401
        && let Some(mistake) = entry.detail.as_deref().and_then(TokenMistake::of_sentence)
    {
        return Advice { what_went_wrong: mistake.sentence().to_owned(), what_to_do: mistake.what_to_do().to_owned() };
    }
    let (wrong, to_do) = match (row.status, row.http_status, row.scim_type.as_deref()) {
        (Status::Success | Status::Warning, ..) => ("Nothing: it was done as asked.".to_owned(), "Nothing.".to_owned()),
        (Status::Skipped, ..) if entry.probe => (
            "Nothing: the client looked up an id that nobody has, to test the connection.".to_owned(),
            "Nothing. Hide connection probes to see the rest of the log.".to_owned(),
        ),
        (Status::Skipped, ..) => {
            ("Nothing: what was sent is what was stored already.".to_owned(), "Nothing.".to_owned())
        }
        (_, 401, _) => (
            "The token was missing, unknown, expired or revoked.".to_owned(),
            "Generate a token under Security and paste it into Entra as Secret Token, then choose Test Connection."
                .to_owned(),
        ),
        (_, 403, _) => (
            "Managing users through the identity provider is switched off here.".to_owned(),
            "Switch on “Create and manage user accounts through IDP” under Security.".to_owned(),
        ),
        (_, 409, Some("uniqueness")) => (
            format!("Another user or group already has this name: {}.", row.identity),
            "Rename or delete the other one, or map another attribute to the name in Entra.".to_owned(),
        ),
        (_, 400, Some("invalidValue")) if says(entry, "exceed") => (
            format!("The userName is longer than this tenant allows: {}.", row.identity),
            format!("Map a shorter attribute to userName in Entra, or raise the limit under Security. {RETRY}"),
        ),
        (_, 400, Some("invalidValue")) if says(entry, "there is no user or group with the id") => (
            "A member was sent that is not here (yet).".to_owned(),
            format!("Make sure the user is in the scope of provisioning. {RETRY}"),
        ),
        (_, 400, Some("invalidValue")) => (
            "A value is missing or cannot be used.".to_owned(),
            "Correct the value in the directory, or the attribute mapping that makes it.".to_owned(),
        ),
        (_, 400, Some("invalidFilter")) => (
            "The client asked with a filter that cannot be read or answered.".to_owned(),
            "Check the matching attribute in the client's attribute mapping.".to_owned(),
        ),
        (_, 400, Some("noTarget")) => (
            "The client tried to replace or remove a value that is not there.".to_owned(),
            "If it is Entra, let `replace` create what its filter does not match: \
             `rollcall settings --replace-without-match-creates on`. Otherwise check the target attributes in the client's attribute \
             mapping."
                .to_owned(),
        ),
        (_, 400, Some("invalidPath" | "mutability")) => (
            "The client tried to change an attribute that is not there or cannot be changed.".to_owned(),
            "Check the target attributes in the client's attribute mapping.".to_owned(),
        ),
        (_, 400 | 413 | 415, _) => (
            "The request is not what the protocol wants.".to_owned(),
            "Look at the request below. If the client is Entra, report this to support with the request id.".to_owned(),
        ),
        (_, 404, _) if row.action == Action::Delete => {
            ("What was to be deleted is not here any more.".to_owned(), "Nothing.".to_owned())
        }
        (_, 404, _) => (
            "The user or group is not here any more.".to_owned(),
            "Restart provisioning in Entra, so that it is made anew.".to_owned(),
        ),
        (_, 412, _) => (
            "It was changed by someone else meanwhile.".to_owned(),
            format!("Nothing, if the client reads it again. {RETRY}"),
        ),
        (_, 429, _) => ("The client sent more requests than it may.".to_owned(), format!("Nothing. {RETRY}")),
        (_, 500.., _) => (
            "Something failed on this side.".to_owned(),
            format!("Find request {} in the server's log. {RETRY}", row.request_id),
        ),
        _ => ("The request was refused.".to_owned(), "See the answer below for the reason.".to_owned()),
    };
    Advice { what_went_wrong: wrong, what_to_do: to_do }
}

fn says(entry: &EntryDetail, word: &str) -> bool {
    entry.detail.as_deref().is_some_and(|detail| detail.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::EntryId;
    use crate::model::journal::{Actor, Entry};
    use crate::scim::time::DateTime;

    #[track_caller]
    fn check(status: Status, http_status: u16, scim_type: Option<&str>, detail: &str, wrong: &str) {
        let entry = EntryDetail {
            entry: Entry {
                id: EntryId(1),
                at: DateTime::from_millis(0),
                identity: "ana@contoso.com".into(),
                action: Action::Create,
                status,
                actor: Actor::Anonymous,
                method: "POST".into(),
                path: "/v2/scim/Users".into(),
                http_status,
                scim_type: scim_type.map(Into::into),
                request_id: "r1".into(),
                resource: None,
            },
            detail: Some(detail.into()),
            request: None,
            response: None,
            changes: Vec::new(),
            dialect: None,
            probe: false,
        };
        let found = advice(&entry);
        assert!(found.what_went_wrong.contains(wrong), "{found:?}");
        assert!(!found.what_to_do.is_empty());
    }

    #[test]
    fn every_status_has_advice() {
        use Status::{Failure, Skipped, Success};
        check(Success, 201, None, "", "done as asked");
        check(Skipped, 200, None, "", "stored already");
        check(Failure, 401, None, "", "token");
        check(Failure, 403, None, "", "switched off");
        check(Failure, 409, Some("uniqueness"), "", "ana@contoso.com");
        check(Failure, 400, Some("invalidValue"), "userNames may not exceed 30 characters", "longer");
        check(Failure, 400, Some("invalidValue"), "`members`: there is no user or group with the id `x`", "member");
        check(Failure, 400, Some("invalidValue"), "x", "value");
        check(Failure, 400, Some("invalidFilter"), "x", "filter");
        check(Failure, 400, Some("noTarget"), "x", "value that is not there");
        check(Failure, 400, Some("invalidSyntax"), "x", "protocol");
        check(Failure, 404, None, "", "not here");
        check(Failure, 412, None, "", "someone else");
        check(Failure, 429, None, "", "more requests");
        check(Failure, 503, None, "", "this side");
        check(Failure, 418, None, "", "refused");
    }
}
