//! How a group keeps up with its members and with the topics they subscribe to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Beat, Group, Member, Topics};
use crate::groups::Now;

impl Group {
    /// Takes up what a member says, and lets target and member follow: the way of every request by
    /// which a member, of whatever protocol, may get another assignment.
    pub(super) fn follow(&mut self, beat: &Beat, topics: &dyn Topics, now: Now) {
        let matches_others = self.match_patterns(topics, now);
        let subscribes_to_others = self.take_up(beat, topics);
        if self.find_topics(topics) || matches_others || subscribes_to_others {
            self.advance();
        }
        if self.epoch > self.target_epoch {
            self.retarget();
        }
        self.reconcile(&beat.member_id, beat.owned.as_ref(), now);
    }

    /// Takes up what the member says about itself; true when it subscribes to something else.
    fn take_up(&mut self, beat: &Beat, topics: &dyn Topics) -> bool {
        let members = self.members.len();
        let Some(member) = self.members.get_mut(&beat.member_id) else { return false };
        let is_other = renew(&mut member.instance_id, beat.instance_id.clone().map(Some))
            | renew(&mut member.rack_id, beat.rack_id.clone().map(Some))
            | renew(&mut member.client_id, Some(Arc::clone(&beat.client_id)))
            | renew(&mut member.client_host, Some(Arc::clone(&beat.client_host)))
            | renew(&mut member.rebalance_timeout, beat.rebalance_timeout)
            | renew(&mut member.assignor, beat.assignor.map(Some))
            | renew(&mut member.classic, Some(beat.classic.clone()));
        let mut has_resubscribed = renew(&mut member.topics, beat.topics.clone());
        if renew(&mut member.pattern, beat.pattern.clone()) {
            let pattern = member.pattern.as_ref();
            let matching = pattern.map(|pattern| self.matches.find(pattern, topics, members));
            member.matching = matching.unwrap_or_default();
            has_resubscribed = true;
        }
        self.is_changed |= is_other || has_resubscribed;
        if has_resubscribed {
            self.wanted = None;
        }
        has_resubscribed
    }

    /// Lets the group follow the topics that members subscribe to.
    pub(super) fn follow_topics(&mut self, topics: &dyn Topics, now: Now) {
        let matches_others = self.match_patterns(topics, now);
        if self.find_topics(topics) || matches_others {
            self.advance();
        }
    }

    /// Looks at the topics that members subscribe to; true when the target has to follow them.
    fn find_topics(&mut self, topics: &dyn Topics) -> bool {
        let members = &self.members;
        let all = || members.values().flat_map(Member::subscription).cloned().collect();
        let wanted = self.wanted.get_or_insert_with(all);
        let found = wanted.iter().filter_map(|name| Some((Arc::clone(name), topics.find(name)?)));
        let found = Some(found.collect());
        if self.subscribed == found {
            return false;
        }
        let is_first_look = self.subscribed.is_none();
        self.subscribed = found;
        !is_first_look || !self.target_fits()
    }

    /// Matches the patterns of all members if that is due; true when some match others than before.
    fn match_patterns(&mut self, topics: &dyn Topics, now: Now) -> bool {
        if !self.matches.are_old(topics, now.at) {
            return false;
        }
        let were_known = self.matches.are_known();
        self.matches.renew(topics, now.at + self.limits.pattern_refresh);
        let count = self.members.len();
        let mut has_others = false;
        for member in self.members.values_mut() {
            let Some(pattern) = &member.pattern else { continue };
            let matching = self.matches.find(pattern, topics, count);
            has_others |= renew(&mut member.matching, Some(matching));
        }
        if has_others {
            self.wanted = None;
        }
        has_others && were_known
    }

    /// Whether the target was made for the topics as they are: assignors leave out no partition. It
    /// says so after a restart, when nobody knows any more which topics it was made for.
    fn target_fits(&self) -> bool {
        if self.epoch != self.target_epoch {
            // Another is to be made anyway.
            return true;
        }
        let mut targeted: BTreeMap<u128, i32> = BTreeMap::new();
        for (topic, _) in self.target.values().flat_map(|given| given.iter()) {
            *targeted.entry(topic).or_default() += 1;
        }
        let subscribed = self.subscribed.iter().flat_map(BTreeMap::values);
        targeted == subscribed.map(|topic| (topic.id, topic.partitions)).collect()
    }
}

/// Puts `value`, if there is one, in the place of what was there; true when that was another.
fn renew<T: PartialEq>(place: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) if *place != value => {
            *place = value;
            true
        }
        _ => false,
    }
}
