//! What a pull query asks of a materialised table.

use types::Value;

/// A read of a materialised table. The answer holds every row that matches the selection and the
/// window bounds; conditions beyond those are the caller's to apply.
#[derive(Clone, Debug, PartialEq)]
pub struct PullRequest {
    /// Which keys.
    pub keys: KeySelection,
    /// Which windows; [`WindowBounds::default`] is all.
    pub windows: WindowBounds,
    /// At most so many rows, `None` is all.
    pub limit: Option<usize>,
}

/// Which keys a pull query reads.
#[derive(Clone, Debug, PartialEq)]
pub enum KeySelection {
    /// Exactly these keys, one value per key column each.
    Lookup(Vec<Vec<Value>>),
    /// Every key.
    All,
    /// Keys of a single STRING or BYTES column between bounds.
    Range(KeyRange),
}

/// Bounds of a key range.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRange {
    /// Lower bound.
    pub lower: KeyBound,
    /// Upper bound.
    pub upper: KeyBound,
}

/// One end of a key range.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyBound {
    /// No bound.
    Unbounded,
    /// The value itself belongs to the range.
    Inclusive(Value),
    /// The value itself does not belong to the range.
    Exclusive(Value),
}

/// Inclusive bounds on WINDOWSTART and WINDOWEND.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowBounds {
    /// Least WINDOWSTART.
    pub start_min: i64,
    /// Greatest WINDOWSTART.
    pub start_max: i64,
    /// Least WINDOWEND.
    pub end_min: i64,
    /// Greatest WINDOWEND.
    pub end_max: i64,
}

impl Default for WindowBounds {
    fn default() -> Self {
        Self { start_min: i64::MIN, start_max: i64::MAX, end_min: i64::MIN, end_max: i64::MAX }
    }
}

impl WindowBounds {
    /// Whether a window lies within the bounds.
    pub fn contains(&self, start: i64, end: i64) -> bool {
        (self.start_min..=self.start_max).contains(&start)
            && (self.end_min..=self.end_max).contains(&end)
    }
}
