//! Groups that change their protocol while they have members, so that an application can be rolled from
//! one protocol to the other without a stop.
//!
//! * A classic group of consumers is *upgraded* when somebody joins by the consumer protocol. Its members
//!   go on by the classic protocol (`consumer::classic_members`) until they are rolled, too.
//! * A group of the consumer protocol is *downgraded* when only members of the classic protocol are left
//!   and all of them are in the target's epoch, which becomes the generation. They join anew at once: a
//!   classic group needs somebody who leads it.
//!
//! Both are functions from what one protocol's group is to what the log keeps of the other's; so a change
//! of protocol is one batch in the log, and a restart goes on behind it. `group.consumer.migration.policy`
//! says which ways are open.

mod downgrade;
mod upgrade;

use kafka_protocol::ResponseError;

use super::consumer::Topics;
use super::entry::{Entry, Kind};
use super::topics::AllTopics;
use super::{Now, classic, consumer, settings};
use crate::Broker;

impl Entry {
    /// The group as one of the consumer protocol, if it is or may become one: somebody joins by that
    /// protocol.
    pub(super) fn become_consumer(
        &mut self,
        broker: &Broker,
        topics: &dyn Topics,
        now: Now,
    ) -> Option<&mut consumer::Group> {
        let limits = settings::consumer_limits(&broker.settings, &self.name);
        if let Kind::Classic(group) = &mut self.kind {
            let mut effects = Vec::new();
            let next = if group.is_unused() {
                consumer::Group::new(limits)
            } else if settings::may_upgrade(&broker.settings) {
                let kept = upgrade::upgraded(group, topics, limits.members_max)?;
                tracing::info!(group = %self.name, "the group goes on by the consumer protocol");
                effects = group.dissolve();
                consumer::Group::restore(kept, limits, now)
            } else {
                return None;
            };
            self.kind = Kind::Consumer(next);
            self.apply(broker, effects, now);
        }
        self.consumer()
    }

    /// A group of the consumer protocol that nobody uses becomes a classic one: somebody joins by that
    /// protocol.
    pub(super) fn become_classic_if_unused(&mut self, broker: &Broker, now: Now) {
        if self.kind.is_unused() && self.classic().is_none() {
            let limits = settings::classic_limits(&broker.settings);
            self.kind = Kind::Classic(classic::Group::new(limits, now));
        }
    }

    /// Ends whatever has happened to a group of the consumer protocol: lets it go on as a classic one
    /// when only such members are left, and writes what has changed.
    ///
    /// # Errors
    /// When the log refuses; then nobody must be told what has happened.
    pub(super) fn conclude(&mut self, broker: &Broker, now: Now) -> Result<(), ResponseError> {
        let Kind::Consumer(group) = &mut self.kind else { return Ok(()) };
        if group.is_left_to_classic_members()
            && let Some(next) = downgraded(broker, group, now)
        {
            tracing::info!(group = %self.name, "the group goes on by the classic protocol");
            self.kind = Kind::Classic(next);
            return self.store(broker, now);
        }
        if group.is_changed() {
            self.store(broker, now)?;
            self.consumer().into_iter().for_each(consumer::Group::stored);
        }
        Ok(())
    }
}

/// `group` as a classic one, if it may and can be.
fn downgraded(broker: &Broker, group: &consumer::Group, now: Now) -> Option<classic::Group> {
    if !settings::may_downgrade(&broker.settings) {
        return None;
    }
    let limits = settings::classic_limits(&broker.settings);
    let kept = downgrade::downgraded(group, &AllTopics(broker), limits.members_max, now)?;
    Some(classic::Group::restore(kept, limits, now))
}
