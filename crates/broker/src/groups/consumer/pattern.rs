//! Subscriptions by regular expression.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fancy_regex::{Regex, RegexBuilder};
use tokio::time::Instant;

use super::Topics;

/// Steps that one name may take to be matched. Expressions that need more, because they look back and
/// ahead, match nothing: groups with many topics must not be kept waiting.
const STEPS_MAX: usize = 10_000;
/// Bytes that a compiled expression may take.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A regular expression that whole topic names match.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: Arc<str>,
    regex: Regex,
}

impl Pattern {
    /// Reads `text`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(&format!("^(?:{text})$"))
            .backtrack_limit(STEPS_MAX)
            .delegate_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { text: text.into(), regex })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn matching(&self, topics: &dyn Topics) -> BTreeSet<Arc<str>> {
        let names = topics.names().into_iter();
        names.filter(|name| self.regex.is_match(&**name).unwrap_or(false)).collect()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Names of topics that match a pattern, shared by all members who wrote the same.
pub(super) type Matching = Arc<BTreeSet<Arc<str>>>;

/// What the patterns of a group match: found out once for all members who wrote the same, and again
/// only when the topics have changed or the client that asks may have come to know of others.
#[derive(Clone, Debug, Default)]
pub(super) struct Matches {
    /// The topics these are, and until when they count; unset before anything was matched.
    of: Option<(u64, Instant)>,
    by_text: BTreeMap<Arc<str>, Matching>,
}

impl Matches {
    /// Whether patterns were matched before.
    pub(super) fn are_known(&self) -> bool {
        self.of.is_some()
    }

    /// Whether every pattern has to be matched anew.
    pub(super) fn are_old(&self, topics: &dyn Topics, now: Instant) -> bool {
        self.of.is_none_or(|(version, until)| version != topics.version() || until <= now)
    }

    /// Forgets everything; what is found from now on is that of `topics`, and counts until `until`.
    pub(super) fn renew(&mut self, topics: &dyn Topics, until: Instant) {
        self.by_text.clear();
        self.of = Some((topics.version(), until));
    }

    /// The topics that match `pattern`. No more patterns are remembered than a group of `members`
    /// can need.
    pub(super) fn find(
        &mut self,
        pattern: &Pattern,
        topics: &dyn Topics,
        members: usize,
    ) -> Matching {
        if let Some(known) = self.by_text.get(&pattern.text) {
            return Arc::clone(known);
        }
        if self.by_text.len() > members {
            self.by_text.clear();
        }
        let found = Arc::new(pattern.matching(topics));
        self.by_text.insert(Arc::clone(&pattern.text), Arc::clone(&found));
        found
    }
}
