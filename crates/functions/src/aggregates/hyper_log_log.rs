//! Counting distinct things in bounded memory: exact up to [`HASHES_MAX`] different hashes, beyond
//! that HyperLogLog with 4,096 registers (standard error 1.6 %), read by Ertl's estimator ("New
//! cardinality estimation algorithms for HyperLogLog sketches", 2017), which needs no bias tables.
//!
//! Saved: byte 0 and the hashes in ascending order, or byte 1 and one byte per register. The hash is
//! part of the layout and never changes.

use super::layout::{Fixed, Taken, put_len, take_len};

/// Bits of a hash that choose the register.
const INDEX_BITS: u32 = 12;
/// Number of registers.
const REGISTERS: usize = 1 << INDEX_BITS;
/// Bits of a hash whose leading zeros are counted.
const RANK_BITS: usize = 64 - INDEX_BITS as usize;
/// As many hashes as fit the memory of the registers.
const HASHES_MAX: usize = REGISTERS / size_of::<u64>();

/// A set of hashes, or a sketch of it.
pub(super) enum Sketch {
    /// All hashes, ascending.
    Sparse(Vec<u64>),
    /// The registers.
    Dense(Box<Registers>),
}

/// Registers and how many of them hold each rank.
pub(super) struct Registers {
    ranks: [u8; REGISTERS],
    /// `histogram[r]` registers hold rank `r`; kept so that reading the estimate is cheap.
    histogram: [u16; RANK_BITS + 2],
}

impl Registers {
    fn new() -> Self {
        let mut histogram = [0; RANK_BITS + 2];
        histogram[0] = REGISTERS as u16;
        Self { ranks: [0; REGISTERS], histogram }
    }

    fn insert(&mut self, hash: u64) {
        let index = (hash >> RANK_BITS) as usize;
        // The bit set below the counted ones stops the count at RANK_BITS zeros.
        let counted = hash << INDEX_BITS | 1 << (INDEX_BITS - 1);
        self.raise(index, counted.leading_zeros() as u8 + 1);
    }

    fn raise(&mut self, index: usize, rank: u8) {
        let present = &mut self.ranks[index];
        if rank > *present {
            self.histogram[usize::from(*present)] -= 1;
            self.histogram[usize::from(rank)] += 1;
            *present = rank;
        }
    }

    fn estimate(&self) -> f64 {
        let registers = REGISTERS as f64;
        let share = |rank: usize| f64::from(self.histogram[rank]) / registers;
        let mut sum = registers * tau(1.0 - share(RANK_BITS + 1));
        for rank in (1..=RANK_BITS).rev() {
            sum = 0.5 * (sum + f64::from(self.histogram[rank]));
        }
        sum += registers * sigma(share(0));
        registers * registers / (2.0 * std::f64::consts::LN_2 * sum)
    }
}

/// Ertl's correction for registers that are still zero.
fn sigma(share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut x, mut weight, mut sum) = (share, 1.0, share);
    loop {
        x *= x;
        let before = sum;
        sum += x * weight;
        weight += weight;
        if sum == before {
            return sum;
        }
    }
}

/// Ertl's correction for registers that are full.
fn tau(share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut x, mut weight, mut sum) = (share, 1.0, 1.0 - share);
    loop {
        x = x.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - x).powi(2) * weight;
        if sum == before {
            return sum / 3.0;
        }
    }
}

impl Sketch {
    /// The empty set.
    pub fn new() -> Self {
        Self::Sparse(Vec::new())
    }

    /// Adds something by its hash.
    pub fn insert(&mut self, hash: u64) {
        match self {
            Self::Dense(registers) => registers.insert(hash),
            Self::Sparse(hashes) => {
                let Err(place) = hashes.binary_search(&hash) else { return };
                hashes.insert(place, hash);
                if hashes.len() > HASHES_MAX {
                    self.densify();
                }
            }
        }
    }

    fn densify(&mut self) {
        if let Self::Sparse(hashes) = self {
            let mut registers = Box::new(Registers::new());
            hashes.iter().for_each(|hash| registers.insert(*hash));
            *self = Self::Dense(registers);
        }
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Sparse(hashes) => hashes.iter().for_each(|hash| self.insert(*hash)),
            Self::Dense(theirs) => {
                self.densify();
                if let Self::Dense(ours) = self {
                    let ranks = theirs.ranks.iter().enumerate();
                    ranks.for_each(|(index, rank)| ours.raise(index, *rank));
                }
            }
        }
    }

    /// How many different things were added.
    pub fn count(&self) -> i64 {
        match self {
            Self::Sparse(hashes) => i64::try_from(hashes.len()).expect("sparse sets are small"),
            Self::Dense(registers) => registers.estimate().round() as i64,
        }
    }

    /// Appends the saved form.
    pub fn save(&self, out: &mut Vec<u8>) {
        match self {
            Self::Sparse(hashes) => {
                out.push(0);
                put_len(hashes.len(), out);
                hashes.iter().for_each(|hash| hash.put(out));
            }
            Self::Dense(registers) => {
                out.push(1);
                out.extend_from_slice(&registers.ranks);
            }
        }
    }

    /// Reads the saved form.
    pub fn load(bytes: &[u8]) -> Taken<'_, Self> {
        let (form, mut rest) = u8::take(bytes)?;
        let mut sketch = Self::new();
        if form == 0 {
            let (len, behind) = take_len(rest)?;
            rest = behind;
            for _ in 0..len {
                let (hash, behind) = u64::take(rest)?;
                sketch.insert(hash);
                rest = behind;
            }
            return Ok((sketch, rest));
        }
        let cut_short = || "a saved COUNT_DISTINCT state is cut short".to_owned();
        let (ranks, rest) = rest.split_first_chunk::<REGISTERS>().ok_or_else(cut_short)?;
        let mut registers = Box::new(Registers::new());
        for (index, rank) in ranks.iter().enumerate() {
            if usize::from(*rank) > RANK_BITS + 1 {
                return Err("a saved COUNT_DISTINCT state is corrupt".to_owned());
            }
            registers.raise(index, *rank);
        }
        Ok((Self::Dense(registers), rest))
    }
}

/// A 64-bit hash of `bytes`: eight bytes at a time multiplied and folded in, then mixed as in
/// MurmurHash3's last step. Saved states depend on it.
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mixed(hash ^ u64::from_le_bytes(word)).wrapping_mul(MULTIPLIER);
    }
    mixed(hash)
}

fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_at_first_and_near_later() {
        let mut sketch = Sketch::new();
        for number in 0..1_000_000_u64 {
            sketch.insert(hash_of(&number.to_le_bytes()));
            sketch.insert(hash_of(&(number / 2).to_le_bytes()));
            let expected = number as i64 + 1;
            if number < HASHES_MAX as u64 {
                assert_eq!(sketch.count(), expected);
            } else if number % 9_973 == 0 {
                let error = (sketch.count() - expected).abs() as f64 / expected as f64;
                assert!(error < 0.06, "{} instead of {expected}", sketch.count());
            }
        }
    }

    #[test]
    fn merging_is_adding() {
        let of = |range: std::ops::Range<u64>| {
            let mut sketch = Sketch::new();
            range.for_each(|number| sketch.insert(hash_of(&number.to_le_bytes())));
            sketch
        };
        for (left, right) in
            [(0..10, 5..20), (0..5_000, 5..20), (5..20, 0..5_000), (0..3_000, 2_000..6_000)]
        {
            let mut merged = of(left.clone());
            merged.merge(&of(right.clone()));
            let together = of(left.start.min(right.start)..left.end.max(right.end));
            assert_eq!(merged.count(), together.count());
        }
    }

    #[test]
    fn corrupt_states_are_refused() {
        assert!(Sketch::load(&[]).is_err());
        assert!(Sketch::load(&[1, 2, 3]).is_err());
        assert!(Sketch::load(&[1; REGISTERS + 1]).is_ok());
        assert!(Sketch::load(&[255; REGISTERS + 1]).is_err());
    }
}
