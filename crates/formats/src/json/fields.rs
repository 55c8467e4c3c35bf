//! Which column a JSON field belongs to: exact name, else the field whose upper-cased name is the
//! column's (spec section 6.5).

use std::num::NonZeroU32;

/// Positions of an object whose field names are remembered.
const POSITIONS_MAX: usize = 256;
/// The longest field name that is remembered.
const NAME_BYTES_MAX: usize = 256;
/// How often the memory may be rewritten, so that data without a stable order stops trying.
const RELEARNS_MAX: u32 = 10_000;

/// The members a JSON field feeds; with quoted lower-case columns one field may feed two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The member of exactly this name.
    pub exact: Option<usize>,
    /// The member that is this name in upper case, unless it is the exact one.
    pub folded: Option<usize>,
}

/// Lookup of field names, which remembers what stood where in the objects before.
#[derive(Clone, Debug)]
pub struct Fields {
    names: Vec<String>,
    learned: Vec<(Box<str>, Match)>,
    relearns_left: Option<NonZeroU32>,
}

impl Fields {
    /// Lookup among `names`.
    pub fn new(names: Vec<String>) -> Self {
        Self { names, learned: Vec::new(), relearns_left: NonZeroU32::new(RELEARNS_MAX) }
    }

    /// The name of member `index`.
    pub fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// What the field called `name`, the object's `position`-th, feeds. Objects mostly repeat their
    /// field order, so that one comparison finds it.
    pub fn find(&mut self, position: usize, name: &str) -> Match {
        if let Some((learned, found)) = self.learned.get(position)
            && **learned == *name
        {
            return *found;
        }
        let found = self.search(name);
        self.learn(position, name, found);
        found
    }

    fn search(&self, name: &str) -> Match {
        let exact = self.names.iter().position(|n| n == name);
        let upper = |n: &String| is_upper_of(n, name);
        let folded = self.names.iter().position(upper).filter(|index| Some(*index) != exact);
        Match { exact, folded }
    }

    fn learn(&mut self, position: usize, name: &str, found: Match) {
        if position >= POSITIONS_MAX || name.len() > NAME_BYTES_MAX {
            return;
        }
        if position == self.learned.len() {
            self.learned.push((name.into(), found));
        } else if let (Some(slot), Some(left)) =
            (self.learned.get_mut(position), self.relearns_left)
        {
            *slot = (name.into(), found);
            self.relearns_left = NonZeroU32::new(left.get() - 1);
        }
    }
}

/// Whether `upper` is `name` in upper case.
pub fn is_upper_of(upper: &str, name: &str) -> bool {
    if name.is_ascii() {
        let pairs = upper.bytes().zip(name.bytes());
        return upper.len() == name.len()
            && pairs.into_iter().all(|(u, n)| u == n.to_ascii_uppercase());
    }
    name.to_uppercase() == upper
}
