//! Which protocol a group uses: one that everybody understands, by vote.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Group, Protocol, State};

impl Group {
    /// Whether somebody with these protocols can be in the group.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.state == State::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let for_all = |protocol: &Protocol| {
            self.members.values().all(|member| member.understands(&protocol.name))
        };
        self.protocol_type() == protocol_type && protocols.iter().any(for_all)
    }

    /// The winner: every member votes for the first of its protocols that all understand. Of equals
    /// the one that the first voter prefers wins.
    pub(super) fn elect_protocol(&self) -> Option<Arc<str>> {
        let for_all = |name: &str| self.members.values().all(|member| member.understands(name));
        let mut votes: HashMap<&Arc<str>, usize> = HashMap::new();
        let mut winner: Option<(&Arc<str>, usize)> = None;
        for member in self.members.values() {
            let mut candidates = member.protocols.iter().map(|protocol| &protocol.name);
            let Some(choice) = candidates.find(|name| for_all(name)) else { continue };
            let count = votes.entry(choice).or_default();
            *count += 1;
            if winner.is_none_or(|(_, most)| *count > most) {
                winner = Some((choice, *count));
            }
        }
        winner.map(|(name, _)| Arc::clone(name))
    }
}
