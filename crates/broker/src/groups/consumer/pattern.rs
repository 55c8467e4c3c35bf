//! Subscriptions by regular expression.

use std::collections::BTreeSet;
use std::sync::Arc;

use fancy_regex::Regex;

use super::Topics;

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
        let regex = Regex::new(&format!("^(?:{text})$")).map_err(|error| error.to_string())?;
        Ok(Self { text: text.into(), regex })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Names of the topics that match. One that takes too long to decide does not.
    pub(super) fn matching(&self, topics: &dyn Topics) -> BTreeSet<Arc<str>> {
        let names = topics.names().into_iter();
        names.filter(|name| self.regex.is_match(&**name).unwrap_or(false)).collect()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
