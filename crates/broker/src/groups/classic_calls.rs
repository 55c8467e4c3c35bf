//! What members of the classic protocol ask of a group, whichever protocol the group itself uses.

use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

use super::classic::{Effect, Identity, Join, JoinAnswer, Refused, Sync, SyncAnswer};
use super::consumer::Topics;
use super::entry::{Entry, Kind, Waiter};
use super::{Now, settings};
use crate::Broker;

impl Entry {
    /// A member joins; its answer will come through the channel.
    pub(super) fn join(
        &mut self,
        broker: &Broker,
        join: Join,
        topics: &dyn Topics,
        now: Now,
    ) -> oneshot::Receiver<JoinAnswer> {
        self.become_classic_if_unused(broker, now);
        let (sender, receiver) = oneshot::channel();
        let ticket = self.wait(Waiter::Join(sender));
        let effects = match &mut self.kind {
            Kind::Classic(group) => group.join(join, ticket, now),
            Kind::Consumer(group) => {
                group.set_limits(settings::consumer_limits(&broker.settings, &self.name));
                let answer = group.join_classic(&join, topics, now);
                let refused = |error| Refused { error, member_id: join.member_id };
                let concluded = self.conclude(broker, now).map_err(refused);
                vec![Effect::Joined(ticket, concluded.and(answer))]
            }
        };
        self.apply(broker, effects, now);
        receiver
    }

    /// A member wants its assignment; its answer will come through the channel.
    pub(super) fn sync(
        &mut self,
        broker: &Broker,
        sync: Sync,
        topics: &dyn Topics,
        now: Now,
    ) -> oneshot::Receiver<SyncAnswer> {
        let (sender, receiver) = oneshot::channel();
        let ticket = self.wait(Waiter::Sync(sender));
        let effects = match &mut self.kind {
            Kind::Classic(group) => group.sync(sync, ticket, now),
            Kind::Consumer(group) => {
                vec![Effect::Synced(ticket, group.sync_classic(&sync, topics, now))]
            }
        };
        self.apply(broker, effects, now);
        receiver
    }

    /// A member shows that it lives.
    ///
    /// # Errors
    /// `RebalanceInProgress` when it has to join anew, or what is wrong with the request.
    pub(super) fn heartbeat(
        &mut self,
        broker: &Broker,
        who: Identity<'_>,
        generation: i32,
        topics: &dyn Topics,
        now: Now,
    ) -> Result<(), ResponseError> {
        match &mut self.kind {
            Kind::Classic(group) => group.heartbeat(who, generation, now),
            Kind::Consumer(group) => {
                let beat = group.heartbeat_classic(who, generation, topics, now);
                self.conclude(broker, now).and(beat)
            }
        }
    }

    /// Members leave; what became of each is said in their order.
    ///
    /// # Errors
    /// When the log refuses.
    pub(super) fn leave(
        &mut self,
        broker: &Broker,
        leaving: &[Identity<'_>],
        now: Now,
    ) -> Result<Vec<Result<(), ResponseError>>, ResponseError> {
        match &mut self.kind {
            Kind::Classic(group) => {
                let (results, effects) = group.leave(leaving, now);
                self.apply(broker, effects, now);
                Ok(results)
            }
            Kind::Consumer(group) => {
                let results = group.leave_classic(leaving);
                self.conclude(broker, now).map(|()| results)
            }
        }
    }
}
