//! Entra's rules for quarantine.

use super::state::{Quarantine, State};
use crate::entra::time::{self, DAY};

/// Why a cycle must not run now. Refused credentials are no reason here, since Test Connection checks them again.
pub fn reason_not_to_run(quarantine: Option<&Quarantine>, now: i64) -> Option<String> {
    let quarantine = quarantine?;
    if now - quarantine.since > 28 * DAY {
        let since = time::print(quarantine.since);
        return Some(format!(
            "the job has been in quarantine for over four weeks, since {since}, and is disabled; restart it with --cycle initial"
        ));
    }
    (!quarantine.about_credentials && now < quarantine.next_try).then(|| {
        let next = time::print(quarantine.next_try);
        format!(
            "the job is in quarantine ({}); the next attempt is due {next}, or restart it with --cycle initial",
            quarantine.reason
        )
    })
}

/// Why the job has to enter quarantine after a cycle.
pub fn reason_to_enter(failures: usize, reference_failures: usize, attempted: usize) -> Option<String> {
    if failures >= 40_000 || failures + reference_failures >= 60_000 {
        return Some(format!("{} failures", failures + reference_failures));
    }
    let share = failures * 100 / attempted.max(1);
    (failures >= 5_000 && failures * 100 > attempted * 40)
        .then(|| format!("{failures} failures, {share}% of the objects"))
}

/// Puts the job into quarantine, or keeps it there, with one attempt per day.
pub fn enter(state: &mut State, reason: String, about_credentials: bool, now: i64) {
    let since = state.quarantine.as_ref().map_or(now, |quarantine| quarantine.since);
    state.quarantine = Some(Quarantine { since, next_try: now + DAY, reason, about_credentials });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failures: usize, references: usize, attempted: usize, expected: bool) {
        assert_eq!(
            reason_to_enter(failures, references, attempted).is_some(),
            expected,
            "{failures} {references} {attempted}"
        );
    }

    #[test]
    fn many_failures_lead_to_quarantine() {
        check(4_999, 0, 5_000, false);
        check(5_000, 0, 12_500, false);
        check(5_000, 0, 12_499, true);
        check(39_999, 0, 1_000_000, false);
        check(40_000, 0, 1_000_000, true);
        check(30_000, 29_999, 1_000_000, false);
        check(30_000, 30_000, 1_000_000, true);
        check(0, 0, 0, false);
    }

    #[test]
    fn a_job_in_quarantine_runs_once_a_day_and_is_disabled_after_four_weeks() {
        let mut state = State::default();
        enter(&mut state, "too many".into(), false, 0);
        let quarantine = state.quarantine.clone();
        assert!(reason_not_to_run(quarantine.as_ref(), DAY - 1).is_some_and(|why| why.contains("too many")));
        assert!(reason_not_to_run(quarantine.as_ref(), DAY).is_none());
        enter(&mut state, "still".into(), false, DAY);
        assert!(reason_not_to_run(state.quarantine.as_ref(), 2 * DAY - 1).is_some());
        assert!(reason_not_to_run(state.quarantine.as_ref(), 29 * DAY).is_some_and(|why| why.contains("four weeks")));
        enter(&mut state, "token".into(), true, DAY);
        assert!(reason_not_to_run(state.quarantine.as_ref(), DAY + 1).is_none());
    }
}
