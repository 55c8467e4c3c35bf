//! Which topics a group of consumers reads, as its members tell their assignor.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Group, State};
use crate::groups::embedded::{self, CONSUMERS};

impl Group {
    /// The topics its members subscribe to; `None` when that cannot be known: they are no consumers,
    /// or have not agreed on a protocol yet.
    pub(crate) fn subscription(&self) -> Option<BTreeSet<Arc<str>>> {
        let protocol = self.protocol().filter(|_| self.protocol_type() == CONSUMERS)?;
        if !matches!(self.state(), State::Completing | State::Stable) {
            return None;
        }
        let mut topics = BTreeSet::new();
        for member in self.members() {
            topics.extend(embedded::read_subscription(&member.metadata(protocol))?.topics);
        }
        Some(topics)
    }
}
