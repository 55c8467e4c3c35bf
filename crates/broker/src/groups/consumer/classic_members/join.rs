//! JoinGroup.

use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::groups::Now;
use crate::groups::classic::{Join, JoinAnswer, Joined, Protocol, Refused};
use crate::groups::consumer::{Beat, ClassicMember, Group, Partitions, Topics};
use crate::groups::embedded::{self, CONSUMERS, Subscription};

impl Group {
    /// A member of the classic protocol joins, for the first time or because it was told to.
    pub(crate) fn join_classic(
        &mut self,
        join: &Join,
        topics: &dyn Topics,
        now: Now,
    ) -> JoinAnswer {
        let refused = |error| Refused { error, member_id: Arc::clone(&join.member_id) };
        let subscription = self.subscription_of(join).map_err(refused)?;
        let id = self.find_or_admit_classic(join, now)?;
        self.follow(&to_beat(&id, join, subscription, topics), topics, now);
        let session_timeout = self.limits.session_timeout;
        let Some(member) = self.members.get_mut(&id) else {
            return Err(refused(ResponseError::UnknownMemberId));
        };
        member.touch(now.at, session_timeout);
        member.act_by = Some(now.at + member.rebalance_timeout);
        Ok(Joined {
            generation: member.epoch,
            protocol_type: Some(CONSUMERS.into()),
            protocol: join.protocols.first().map(|protocol| Arc::clone(&protocol.name)),
            leader: "".into(),
            member_id: id,
            members: Vec::new(),
            skip_assignment: false,
        })
    }

    /// What a consumer subscribes to that could also be with the other members in a classic group.
    fn subscription_of(&self, join: &Join) -> Result<Subscription, ResponseError> {
        let others = self.members.values().filter(|member| member.id != join.member_id);
        let others: Vec<&ClassicMember> =
            others.filter_map(|member| member.classic.as_ref()).collect();
        let for_all = |said: &Protocol| others.iter().all(|member| member.understands(&said.name));
        let first = join.protocols.first();
        let first = first.filter(|_| &*join.protocol_type == CONSUMERS);
        let first = first.filter(|_| join.protocols.iter().any(for_all));
        let subscription = first.and_then(|first| embedded::read_subscription(&first.metadata));
        subscription.ok_or(ResponseError::InconsistentGroupProtocol)
    }

    /// The id under which the member of `join` is in the group from now on.
    fn find_or_admit_classic(&mut self, join: &Join, now: Now) -> Result<Arc<str>, Refused> {
        let refused = |error| Refused { error, member_id: Arc::clone(&join.member_id) };
        let instance_id = join.instance_id.as_ref();
        if !join.member_id.is_empty() {
            let id = Arc::clone(&join.member_id);
            if instance_id.is_some() {
                let known = self.check_identity(&id, instance_id.map(Arc::as_ref));
                known.map_err(|refusal| refused(refusal.error))?;
            } else if !self.members.contains_key(&id) {
                // An id that was given out a moment ago, perhaps by the classic group before this.
                self.admit(&id, None, now).map_err(|refusal| refused(refusal.error))?;
            }
            return Ok(id);
        }
        let id = Arc::clone(&join.new_id);
        let known = instance_id
            .and_then(|instance_id| Some((instance_id, self.statics.get(instance_id).cloned()?)));
        match known {
            Some((instance_id, known)) => self.replace(&known, &id, instance_id, now),
            None if instance_id.is_none() && join.needs_known_id => {
                return Err(Refused { error: ResponseError::MemberIdRequired, member_id: id });
            }
            None => {
                let admitted = self.admit(&id, instance_id, now);
                admitted.map_err(|refusal| refused(refusal.error))?;
            }
        }
        Ok(id)
    }
}

fn to_beat(id: &Arc<str>, join: &Join, subscription: Subscription, topics: &dyn Topics) -> Beat {
    let classic =
        ClassicMember { session_timeout: join.session_timeout, protocols: join.protocols.clone() };
    Beat {
        member_id: Arc::clone(id),
        instance_id: join.instance_id.clone(),
        rack_id: subscription.rack_id,
        client_id: Arc::clone(&join.client_id),
        client_host: Arc::clone(&join.client_host),
        rebalance_timeout: Some(join.rebalance_timeout),
        owned: Some(Partitions::of_named(&subscription.owned, topics)),
        topics: Some(subscription.topics),
        pattern: Some(None),
        classic: Some(classic),
        ..Beat::default()
    }
}
