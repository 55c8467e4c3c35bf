//! How long to wait before the next attempt: twice as long each time, up to a minute.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);

/// Waiting times between attempts.
#[derive(Debug)]
pub struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Starts with the shortest wait.
    pub fn new() -> Self {
        Self { next: FIRST }
    }

    /// The wait before the coming attempt.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait
    }

    /// Forgets earlier failures.
    pub fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, LONGEST};

    #[test]
    fn waits_double_up_to_a_limit_and_start_again_after_success() {
        let mut backoff = Backoff::new();
        let first = backoff.wait();
        assert_eq!(backoff.wait(), first * 2);
        (0..20).for_each(|_| {
            backoff.wait();
        });
        assert_eq!(backoff.wait(), LONGEST);
        backoff.reset();
        assert_eq!(backoff.wait(), first);
    }
}
