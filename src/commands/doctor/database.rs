//! The database and the key beside it, and the clock that dates what is in them.

use std::{io, path::Path};

use super::Finding;
use crate::{
    auth::token::{KEY_FILE, TokenKey},
    commands::open::{KeyMatch, database, match_key},
    scim::time::DateTime,
    store::{Depth, Inspection, inspect, known_schema},
};

const RESTORE_ADVICE: &str =
    "Stop the server, move the folder aside, and put the last good backup in its place with `rollcall restore`.";
/// No machine that runs this lives earlier.
const EARLIEST_TIME: DateTime = DateTime::from_millis(1_763_596_800_000);
/// How far ahead of the clock the journal's last entry may be.
const CLOCK_TOLERANCE_MILLIS: i64 = 60_000;

pub async fn check(folder: &Path, depth: Depth, now: DateTime) -> Vec<Finding> {
    let file = database(folder);
    let key = read_key(folder);
    if !file.is_file() {
        let mut findings = vec![Finding::ok("database", "There is none yet; the first start makes it.")];
        if key.is_ok_and(|key| key.is_some()) {
            let found = format!("{KEY_FILE} is here, but no database.");
            findings.push(Finding::warning("key", found, "If this was an installation, restore it from a backup."));
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
        (None, Depth::Quick) => Finding::ok("database", "It is sound (--full looks at indexes and references, too)."),
        (None, Depth::Full) => Finding::ok("database", "It is sound, with all indexes and references."),
    }
}

fn schema(found: &Inspection) -> Finding {
    let (schema, known) = (found.schema, known_schema());
    let said = format!("The database has schema {schema}, this program knows {known}.");
    match schema.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::ok("schema", said),
        std::cmp::Ordering::Less => {
            Finding::warning("schema", said, "The next start brings it up to date; take a backup before.")
        }
        std::cmp::Ordering::Greater => {
            Finding::broken("schema", said, "Run the version of rollcall that wrote it, or a later one.")
        }
    }
}

fn read_key(folder: &Path) -> io::Result<Option<TokenKey>> {
    if TokenKey::exists(folder)? { TokenKey::load_or_create(folder).map(Some) } else { Ok(None) }
}

fn key_match(key: io::Result<Option<TokenKey>>, found: &Inspection) -> Finding {
    let advice = format!(
        "Put {KEY_FILE} back from the same backup as the database, or give the tokens up with `rollcall token revoke --all` \
         and make new ones."
    );
    match key {
        Err(why) => Finding::broken("key", format!("{KEY_FILE} cannot be used: {why}."), advice),
        Ok(None) if found.any_valid_token => {
            Finding::broken("key", format!("{KEY_FILE} is missing, and without it no token works."), advice)
        }
        Ok(None) => Finding::ok("key", "There is none yet, and no token that would need it."),
        Ok(Some(key)) => match match_key(found.key_mark, &key) {
            KeyMatch::Same => Finding::ok("key", "It is the one that the tokens were made with."),
            KeyMatch::Different if found.any_valid_token => {
                let found = format!("{KEY_FILE} is not the key that the tokens were made with: none of them works.");
                Finding::broken("key", found, advice)
            }
            KeyMatch::Different => Finding::ok("key", "It is new, and there is no token that was made with another."),
            KeyMatch::Unknown => Finding::ok("key", "It is there; the database does not say yet which one it wants."),
        },
    }
}

fn clock(newest: Option<DateTime>, now: DateTime) -> Finding {
    let advice =
        "Set the machine's clock and keep it right (chrony, systemd-timesyncd): tokens end, and logs are dated, by it.";
    let ahead = newest.is_some_and(|newest| newest.as_millis() > now.as_millis() + CLOCK_TOLERANCE_MILLIS);
    match newest {
        _ if now < EARLIEST_TIME => {
            Finding::broken("clock", format!("It says {now}, before this program was made."), advice)
        }
        Some(newest) if ahead => {
            let found = format!("It says {now}, but the last log entry is of {newest}: it went back, or was ahead.");
            Finding::warning("clock", found, advice)
        }
        _ => Finding::ok("clock", format!("It says {now}.")),
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
    fn a_schema_of_another_version_is_told_apart() {
        let of = |ahead: i64| schema(&Inspection { schema: known_schema() + ahead, ..inspected() }).state;
        assert_eq!([of(-1), of(0), of(1)], [FindingState::Warning, FindingState::Ok, FindingState::Broken]);
    }

    #[test]
    fn damage_is_told_with_the_way_out() {
        let damaged = Inspection { faults: vec!["row 3 missing from index x".to_owned()], ..inspected() };
        let finding = integrity(&damaged, Depth::Full);
        assert_eq!(finding.state, FindingState::Broken);
        assert!(finding.to_string().contains("row 3 missing") && finding.to_string().contains("rollcall restore"));
    }

    #[test]
    fn a_key_is_wanted_only_by_tokens_that_work() {
        let none = |any_valid_token| key_match(Ok(None), &Inspection { any_valid_token, ..inspected() }).state;
        assert_eq!([none(true), none(false)], [FindingState::Broken, FindingState::Ok]);
        let unreadable = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(key_match(Err(unreadable), &inspected()).state, FindingState::Broken);
    }

    #[test]
    fn a_clock_that_went_back_is_noticed() {
        let later = |millis: i64| DateTime::from_millis(EARLIEST_TIME.as_millis() + millis);
        let check = |newest: Option<i64>, now: i64| clock(newest.map(later), later(now)).state;
        assert_eq!(check(None, 0), FindingState::Ok);
        assert_eq!(check(None, -1), FindingState::Broken);
        assert_eq!(check(Some(1_000), 0), FindingState::Ok);
        assert_eq!(check(Some(CLOCK_TOLERANCE_MILLIS + 1), 0), FindingState::Warning);
    }
}
