//! How much of its quota somebody has left.

/// Seconds of a quota that may be used at once after a pause; Kafka's ten whole windows of one second.
pub(super) const BURST_SECONDS: f64 = 10.0;
/// The longest wait that a client is told.
const THROTTLE_MS_MAX: f64 = 3_600_000.0;

/// Fills at the quota's rate up to [`BURST_SECONDS`] of it; what is used beyond is a debt that the user
/// waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// What is left; below zero a debt.
    left: f64,
    /// What it fills with in a second.
    limit: f64,
    filled_ms: u64,
}

impl Bucket {
    /// A full one.
    pub(super) fn full(limit: f64, now_ms: u64) -> Self {
        Self { left: limit * BURST_SECONDS, limit, filled_ms: now_ms }
    }

    /// Takes out `amount`; returns the milliseconds until the debt is paid off, at `limit` a second.
    pub(super) fn take(&mut self, amount: f64, limit: f64, now_ms: u64) -> i32 {
        self.fill(limit, now_ms);
        self.left -= amount;
        self.debt_ms(self.left)
    }

    /// Takes out `amount` if it is there; returns the milliseconds until it will be. A full bucket gives
    /// any amount, and has a debt then: what is larger than the bucket would never be there.
    pub(super) fn take_if_there(&mut self, amount: f64, limit: f64, now_ms: u64) -> i32 {
        self.fill(limit, now_ms);
        let is_full = limit > 0.0 && self.left >= limit * BURST_SECONDS;
        let wait_ms = if is_full { 0 } else { self.debt_ms(self.left - amount) };
        if wait_ms == 0 {
            self.left -= amount;
        }
        wait_ms
    }

    /// Fills up to now, and at `limit` a second from now on.
    fn fill(&mut self, limit: f64, now_ms: u64) {
        self.limit = limit;
        self.left = self.filled(now_ms);
        self.filled_ms = now_ms;
    }

    /// How long it takes until `left` is no debt any more.
    fn debt_ms(&self, left: f64) -> i32 {
        if left >= 0.0 {
            return 0;
        }
        // Division by a quota of zero gives infinity, which is cut like everything too long.
        (-left / self.limit * 1000.0).ceil().min(THROTTLE_MS_MAX) as i32
    }

    /// Whether it is full, so that a new one would do as well.
    pub(super) fn is_full(&self, now_ms: u64) -> bool {
        self.filled(now_ms) >= self.limit * BURST_SECONDS
    }

    fn filled(&self, now_ms: u64) -> f64 {
        let seconds = now_ms.saturating_sub(self.filled_ms) as f64 / 1000.0;
        (self.left + seconds * self.limit).min(self.limit * BURST_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_debts_take_their_time() {
        let mut bucket = Bucket::full(100.0, 0);
        assert_eq!(bucket.take(1000.0, 100.0, 0), 0);
        assert_eq!(bucket.take(50.0, 100.0, 0), 500);
        assert_eq!(bucket.take(0.0, 100.0, 400), 100);
        assert_eq!(bucket.take(10.0, 100.0, 600), 0);
        assert!(bucket.is_full(60_000));
        assert_eq!(bucket.take(1001.0, 100.0, 60_000), 10);
        assert!(!bucket.is_full(70_000) && bucket.is_full(70_010));
    }

    #[test]
    fn what_is_not_there_is_not_taken() {
        let mut bucket = Bucket::full(100.0, 0);
        assert_eq!(bucket.take_if_there(600.0, 100.0, 0), 0);
        assert_eq!(bucket.take_if_there(500.0, 100.0, 0), 1000);
        assert_eq!(bucket.take_if_there(400.0, 100.0, 0), 0);
        assert_eq!(bucket.take_if_there(0.0, 100.0, 0), 0);
    }

    #[test]
    fn what_is_larger_than_the_bucket_is_taken_when_that_is_full() {
        let mut bucket = Bucket::full(100.0, 0);
        assert_eq!(bucket.take_if_there(1.0, 100.0, 0), 0);
        assert!(bucket.take_if_there(3000.0, 100.0, 0) > 0);
        assert_eq!(bucket.take_if_there(3000.0, 100.0, 10), 0);
        assert_eq!(bucket.take_if_there(0.0, 100.0, 10), 20_000);
        assert_eq!(bucket.take_if_there(1.0, 100.0, 20_020), 0);
    }

    #[test]
    fn a_quota_of_nothing_gives_nothing() {
        let mut bucket = Bucket::full(0.0, 0);
        assert_eq!(bucket.take(0.0, 0.0, 0), 0);
        assert_eq!(bucket.take_if_there(1.0, 0.0, 5), 3_600_000);
        assert_eq!(bucket.take(1.0, 0.0, 5), 3_600_000);
    }
}
