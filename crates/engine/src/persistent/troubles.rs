//! Queries that failed: why, how often, and when to try again. Pure bookkeeping; the time is given.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use types::QueryId;

/// How long to wait between attempts, and how many errors to remember.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Before the first new attempt.
    pub backoff_min: Duration,
    /// The wait doubles up to this.
    pub backoff_max: Duration,
    /// Errors remembered per query.
    pub errors_max: usize,
}

/// One query's failures.
#[derive(Clone, Debug, Default)]
struct Trouble {
    errors: VecDeque<String>,
    backoff: Duration,
    last_failed: Duration,
    due: Option<Duration>,
}

/// The failures of all queries.
#[derive(Debug)]
pub struct Troubles {
    policy: Policy,
    queries: BTreeMap<QueryId, Trouble>,
}

impl Troubles {
    /// None so far.
    pub fn new(policy: Policy) -> Self {
        Self { policy, queries: BTreeMap::new() }
    }

    /// Notes a failure at `now` and plans the next attempt: after twice the last wait, or after the
    /// shortest when the query had run for longer than the longest wait in between.
    pub fn failed(&mut self, id: &QueryId, error: String, now: Duration) {
        let policy = self.policy;
        let trouble = self.queries.entry(id.clone()).or_default();
        let was_long_ago = now.saturating_sub(trouble.last_failed) > policy.backoff_max * 2;
        trouble.backoff = match was_long_ago || trouble.backoff.is_zero() {
            true => policy.backoff_min,
            false => (trouble.backoff * 2).min(policy.backoff_max),
        };
        trouble.last_failed = now;
        trouble.due = Some(now + trouble.backoff);
        trouble.errors.push_back(error);
        while trouble.errors.len() > policy.errors_max {
            trouble.errors.pop_front();
        }
    }

    /// Takes the queries to try again at `now`.
    pub fn take_due(&mut self, now: Duration) -> Vec<QueryId> {
        let is_due = |trouble: &Trouble| trouble.due.is_some_and(|due| due <= now);
        let due = self.queries.iter_mut().filter(|(_, trouble)| is_due(trouble));
        due.map(|(id, trouble)| {
            trouble.due = None;
            id.clone()
        })
        .collect()
    }

    /// When the next attempt is due.
    pub fn next_due(&self) -> Option<Duration> {
        self.queries.values().filter_map(|trouble| trouble.due).min()
    }

    /// Errors of a query, oldest first.
    pub fn errors(&self, id: &QueryId) -> Vec<String> {
        let trouble = self.queries.get(id);
        trouble.map(|trouble| trouble.errors.iter().cloned().collect()).unwrap_or_default()
    }

    /// Forgets a query.
    pub fn forget(&mut self, id: &QueryId) {
        self.queries.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn troubles() -> Troubles {
        let (backoff_min, backoff_max) = (seconds(15), seconds(60));
        Troubles::new(Policy { backoff_min, backoff_max, errors_max: 2 })
    }

    #[test]
    fn waits_double_up_to_the_longest_and_start_over_after_a_good_while() {
        let (mut troubles, id) = (troubles(), QueryId::new("Q"));
        let mut now = seconds(0);
        for expected in [15, 30, 60, 60] {
            troubles.failed(&id, "no".to_owned(), now);
            assert_eq!(troubles.next_due(), Some(now + seconds(expected)));
            now += seconds(expected);
            assert_eq!(troubles.take_due(now).len(), 1);
            assert!(troubles.take_due(now).is_empty());
        }
        now += seconds(1000);
        troubles.failed(&id, "again".to_owned(), now);
        assert_eq!(troubles.next_due(), Some(now + seconds(15)));
        assert_eq!(troubles.errors(&id), ["no", "again"]);
    }
}
