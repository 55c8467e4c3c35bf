//! When the keeper does what without being asked: looks for something to compact, and rounds of
//! retention. Used by the keeper's thread; it knows no clock, it is told what has passed.

use std::time::Duration;

use super::config::Config;

/// What the keeper does when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// A look for partitions to compact.
    Clean,
    /// Retention, and whatever else is seldom.
    Maintain,
}

/// The time left until each of them.
#[derive(Debug)]
pub(super) struct Timetable {
    clean_in: Duration,
    maintain_in: Duration,
    maintain_every: Duration,
}

impl Timetable {
    pub(super) fn new(config: &Config) -> Self {
        let maintain_every = pause(config.retention_check_interval_ms);
        Self {
            clean_in: pause(config.cleaner_backoff_ms),
            maintain_in: maintain_every,
            maintain_every,
        }
    }

    /// How long nothing is due.
    pub(super) fn rest(&self) -> Duration {
        self.clean_in.min(self.maintain_in)
    }

    /// `time` has passed.
    pub(super) fn pass(&mut self, time: Duration) {
        self.clean_in = self.clean_in.saturating_sub(time);
        self.maintain_in = self.maintain_in.saturating_sub(time);
    }

    /// The next look is due at once, because the last one left something. Rounds of retention have their
    /// turn all the same.
    pub(super) fn hurry(&mut self) {
        self.clean_in = Duration::ZERO;
    }

    /// What is to be done now, if anything. The next look comes `backoff_ms` later; a round includes one.
    pub(super) fn take_due(&mut self, backoff_ms: u64) -> Option<Round> {
        let round = match (self.clean_in.is_zero(), self.maintain_in.is_zero()) {
            (_, true) => Round::Maintain,
            (true, false) => Round::Clean,
            (false, false) => return None,
        };
        self.clean_in = pause(backoff_ms);
        if round == Round::Maintain {
            self.maintain_in = self.maintain_every;
        }
        Some(round)
    }
}

/// A pause of zero would keep a core busy.
fn pause(ms: u64) -> Duration {
    Duration::from_millis(ms.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF_MS: u64 = 15_000;

    fn timetable() -> Timetable {
        Timetable::new(&Config {
            cleaner_backoff_ms: BACKOFF_MS,
            retention_check_interval_ms: 40_000,
            ..Config::default()
        })
    }

    #[test]
    fn looks_come_often_and_rounds_seldom() {
        let mut timetable = timetable();
        let mut done = Vec::new();
        let mut now = Duration::ZERO;
        while now < Duration::from_secs(100) {
            let rest = timetable.rest();
            now += rest;
            timetable.pass(rest);
            done.extend(timetable.take_due(BACKOFF_MS).map(|round| (now.as_secs(), round)));
        }
        let looks = [15, 30, 55, 70, 95].map(|second| (second, Round::Clean));
        let rounds = [40, 80].map(|second| (second, Round::Maintain));
        let mut expected = [&looks[..], &rounds[..]].concat();
        expected.push((110, Round::Clean));
        expected.sort_by_key(|(second, _)| *second);
        assert_eq!(done, expected);
    }

    #[test]
    fn frequent_flushes_put_nothing_off() {
        let mut timetable = timetable();
        let mut done = Vec::new();
        for _ in 0..90 {
            // A flush ends each pause before its time.
            timetable.pass(Duration::from_secs(1));
            done.extend(timetable.take_due(BACKOFF_MS));
        }
        let count = |round| done.iter().filter(|done| **done == round).count();
        assert_eq!((count(Round::Clean), count(Round::Maintain)), (4, 2));
    }

    #[test]
    fn rounds_have_their_turn_while_looks_always_leave_something() {
        let mut timetable = timetable();
        let mut done = Vec::new();
        for _ in 0..90 {
            timetable.hurry();
            assert_eq!(timetable.rest(), Duration::ZERO);
            done.extend(timetable.take_due(BACKOFF_MS));
            timetable.pass(Duration::from_secs(1));
        }
        let rounds = done.iter().filter(|done| **done == Round::Maintain).count();
        assert_eq!((done.len(), rounds), (90, 2));
    }

    #[test]
    fn a_pause_is_never_empty() {
        let mut timetable = Timetable::new(&Config { cleaner_backoff_ms: 0, ..Config::default() });
        assert_eq!(timetable.rest(), Duration::from_millis(1));
        timetable.pass(timetable.rest());
        assert_eq!(timetable.take_due(0), Some(Round::Clean));
        assert_eq!(timetable.rest(), Duration::from_millis(1));
    }
}
