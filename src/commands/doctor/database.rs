//! Checks the database, its key and the system clock.

use std::{io, path::Path};

use super::Finding;
use crate::{
    auth::token::{KEY_FILE, TokenKey},
    commands::open::{KeyMatch, database, match_key},
    scim::time::DateTime,
    store::{Depth, Inspection, inspect, known_schema},
};

const RESTORE_ADVICE: &str =
    "Stop the server, move the folder aside and restore the last good backup with `rollcall restore`.";
/// Before the first release, so a clock that shows an earlier time is wrong.
const EARLIEST_TIME: DateTime = DateTime::from_millis(1_763_596_800_000);
/// How far the journal's last entry may be ahead of the clock.
const CLOCK_TOLERANCE_MILLIS: i64 = 60_000;

pub async fn check(folder: &Path, depth: Depth, now: DateTime) -> Vec<Finding> {
    let file = database(folder);
    let key = read_key(folder);
    if !file.is_file() {
        let mut findings = vec![Finding::ok("database", "There is none yet; the first start creates it.")];
        if key.is_ok_and(|key| key.is_some()) {
            let found = format!("There is {KEY_FILE}, but no database.");
            findings.push(Finding::warning("key", found, "If there was an installation, restore it from a backup."));
        }
        return [findings, vec![clock(None, now)]].concat();
    }
    let found = match inspect(&file, depth, now).await {
        Ok(found) => found,
        Err(why) => {
            return vec![
                Finding::broken("database", format!("It cannot be read: {why}."), RESTORE_ADVICE),
                clock(None, now),
            ];
        }
    };
    vec![integrity(&found, depth), schema(&found), key_match(key, &found), clock(found.newest_entry, now)]
}

fn integrity(found: &Inspection, depth: Depth) -> Finding {
    match (found.faults.first(), depth) {
        (Some(fault), _) => Finding::broken("database", format!("It is damaged: {fault}."), RESTORE_ADVICE),
        (None, Depth::Quick) => Finding::ok("database", "It is intact (--full also verifies indexes and references)."),
        (None, Depth::Full) => Finding::ok("database", "It is intact, with all indexes and references."),
    }
}

fn schema(found: &Inspection) -> Finding {
    let (schema, known) = (found.schema, known_schema());
    let said = format!("The database has schema {schema}; this program supports {known}.");
    match schema.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::ok("schema", said),
        std::cmp::Ordering::Less => {
            Finding::warning("schema", said, "The next start migrates it; make a backup first.")
        }
        std::cmp::Ordering::Greater => {
            Finding::broken("schema", said, "Run the version of rollcall that created it, or a later one.")
        }
    }
}

fn read_key(folder: &Path) -> io::Result<Option<TokenKey>> {
    if TokenKey::exists(folder)? { TokenKey::load_or_create(folder).map(Some) } else { Ok(None) }
}

fn key_match(key: io::Result<Option<TokenKey>>, found: &Inspection) -> Finding {
    let advice = format!(
        "Restore {KEY_FILE} from the same backup as the database, or revoke the tokens with `rollcall token revoke --all` \
         and create new ones."
    );
    match key {
        Err(why) => Finding::broken("key", format!("{KEY_FILE} cannot be used: {why}."), advice),
        Ok(None) if found.any_valid_token => {
            Finding::broken("key", format!("{KEY_FILE} is missing, and without it no token works."), advice)
        }
        Ok(None) => Finding::ok("key", "There is none yet, and no token needs it."),
        Ok(Some(key)) => match match_key(found.key_mark, &key) {
            KeyMatch::Same => Finding::ok("key", "It is the key that the tokens were created with."),
            KeyMatch::Different if found.any_valid_token => {
                let found = format!("{KEY_FILE} is not the key that the tokens were created with: none of them works.");
                Finding::broken("key", found, advice)
            }
            KeyMatch::Different => Finding::ok("key", "It is new, and no valid token was created with another."),
            KeyMatch::Unknown => {
                Finding::ok("key", "It exists; the database does not record yet which key it belongs to.")
            }
        },
    }
}

fn clock(newest: Option<DateTime>, now: DateTime) -> Finding {
    let advice =
        "Correct the system clock and keep it synchronized (chrony, systemd-timesyncd): it decides when tokens expire.";
    let ahead = newest.is_some_and(|newest| newest.as_millis() > now.as_millis() + CLOCK_TOLERANCE_MILLIS);
    match newest {
        _ if now < EARLIEST_TIME => {
            Finding::broken("clock", format!("It shows {now}, which is before this program's first release."), advice)
        }
        Some(newest) if ahead => {
            let found =
                format!("It shows {now}, but the last log entry is from {newest}: it was set back, or was ahead.");
            Finding::warning("clock", found, advice)
        }
        _ => Finding::ok("clock", format!("It shows {now}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::FindingState;

    fn inspected() -> Inspection {
        Inspection {
            schema: known_schema(),
            faults: Vec::new(),
            key_mark: None,
            any_valid_token: true,
            newest_entry: None,
        }
    }

    #[test]
    fn schemas_of_other_versions_are_reported() {
        let of = |ahead: i64| schema(&Inspection { schema: known_schema() + ahead, ..inspected() }).state;
        assert_eq!([of(-1), of(0), of(1)], [FindingState::Warning, FindingState::Ok, FindingState::Broken]);
    }

    #[test]
    fn damage_is_reported_with_advice() {
        let damaged = Inspection { faults: vec!["row 3 missing from index x".to_owned()], ..inspected() };
        let finding = integrity(&damaged, Depth::Full);
        assert_eq!(finding.state, FindingState::Broken);
        assert!(finding.to_string().contains("row 3 missing") && finding.to_string().contains("rollcall restore"));
    }

    #[test]
    fn a_missing_key_is_a_problem_only_for_valid_tokens() {
        let none = |any_valid_token| key_match(Ok(None), &Inspection { any_valid_token, ..inspected() }).state;
        assert_eq!([none(true), none(false)], [FindingState::Broken, FindingState::Ok]);
        let unreadable = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(key_match(Err(unreadable), &inspected()).state, FindingState::Broken);
    }

    #[test]
    fn a_wrong_clock_is_reported() {
        let later = |millis: i64| DateTime::from_millis(EARLIEST_TIME.as_millis() + millis);
        let check = |newest: Option<i64>, now: i64| clock(newest.map(later), later(now)).state;
        assert_eq!(check(None, 0), FindingState::Ok);
        assert_eq!(check(None, -1), FindingState::Broken);
        assert_eq!(check(Some(1_000), 0), FindingState::Ok);
        assert_eq!(check(Some(CLOCK_TOLERANCE_MILLIS + 1), 0), FindingState::Warning);
    }
}
