//! All tests, one file per area.

use super::CheckError;
use super::test::Test;

mod access;
mod bulk;
mod create;
mod cursor;
mod delete;
mod discovery;
mod entra_groups;
mod entra_users;
mod errors;
mod etags;
mod filters;
mod gallery;
mod groups;
mod lifecycle;
mod lists;
mod me;
mod okta;
mod patch;
mod patch_scenarios;
mod replace;
mod search;
mod select;
mod sorting;
mod transport;
mod validator_groups;
mod validator_users;

const AREAS: &[&[Test]] = &[
    discovery::TESTS,
    access::TESTS,
    transport::TESTS,
    errors::TESTS,
    create::TESTS,
    replace::TESTS,
    delete::TESTS,
    lists::TESTS,
    select::TESTS,
    filters::TESTS,
    patch::TESTS,
    patch_scenarios::TESTS,
    groups::TESTS,
    search::TESTS,
    sorting::TESTS,
    etags::TESTS,
    bulk::TESTS,
    cursor::TESTS,
    me::TESTS,
    entra_users::TESTS,
    entra_groups::TESTS,
    lifecycle::TESTS,
    validator_users::TESTS,
    validator_groups::TESTS,
    gallery::TESTS,
    okta::TESTS,
];

/// The tests whose names start with one of these; all if `only` is empty.
pub fn select_tests(only: &[String]) -> Result<Vec<&'static Test>, CheckError> {
    let all = || AREAS.iter().flat_map(|area| area.iter());
    if let Some(unknown) = only.iter().find(|start| !all().any(|test| test.name.starts_with(start.as_str()))) {
        let mut areas: Vec<_> = all().map(Test::area).collect();
        areas.dedup();
        return Err(CheckError::Usage(format!(
            "no test name starts with {unknown}; the areas are {}",
            areas.join(", ")
        )));
    }
    let is_chosen = |test: &&Test| only.is_empty() || only.iter().any(|start| test.name.starts_with(start.as_str()));
    Ok(all().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::super::test::Run;
    use super::*;

    #[test]
    fn every_test_has_a_unique_name_a_requirement_and_a_meaning() {
        let tests = select_tests(&[]).unwrap();
        let mut names: Vec<_> = tests.iter().map(|test| test.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), tests.len());
        for test in tests {
            let words = [test.title, test.requirement, test.meaning];
            assert!(words.iter().all(|text| !text.is_empty()) && test.name.contains('.'), "{}", test.name);
        }
    }

    #[test]
    fn tests_that_are_data_are_valid_json() {
        let read = |name: &str, text: &str| {
            let json = text.replace("$otherId", "x");
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{name}: {text}");
        };
        for test in select_tests(&[]).unwrap() {
            let texts = match test.run {
                Run::Patch { before, operations, after } => vec![before, operations, after],
                Run::RefusedPatch { before, operations } => vec![before, operations],
                Run::Filter { .. } | Run::Code(_) => Vec::new(),
            };
            for text in texts {
                read(test.name, text);
            }
        }
    }

    #[test]
    fn tests_are_selected_by_the_start_of_their_names() {
        let names: Vec<_> = select_tests(&["me.".into()]).unwrap().iter().map(|test| test.area()).collect();
        assert!(!names.is_empty() && names.iter().all(|area| *area == "me"));
        assert!(select_tests(&["nonsense".into()]).unwrap_err().to_string().contains("discovery"));
    }
}
