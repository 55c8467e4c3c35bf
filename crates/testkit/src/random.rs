//! Randomness from a seed: the same seed gives the same run.

use std::sync::atomic::{AtomicU64, Ordering};

use types::seams::Random;

/// SplitMix64 over a counter: small, quick, and every seed gives a full period.
#[derive(Debug)]
pub struct SeededRandom {
    state: AtomicU64,
}

impl SeededRandom {
    /// The generator of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// A number below `bound` (at least 1). The bias of the remainder does not matter to tests.
    pub fn below(&self, bound: u64) -> u64 {
        self.next_u64() % bound.max(1)
    }

    /// True once in `every` times on average.
    pub fn one_in(&self, every: u64) -> bool {
        self.below(every) == 0
    }
}

impl Random for SeededRandom {
    fn next_u64(&self) -> u64 {
        const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.state.fetch_add(GAMMA, Ordering::SeqCst).wrapping_add(GAMMA);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (left, right) = (SeededRandom::new(7), SeededRandom::new(7));
        let other = SeededRandom::new(8);
        let numbers: Vec<u64> = (0..100).map(|_| left.next_u64()).collect();
        assert!(numbers.iter().all(|number| *number == right.next_u64()));
        assert!(numbers.iter().any(|number| *number != other.next_u64()));
    }
}
