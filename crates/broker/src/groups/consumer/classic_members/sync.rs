//! SyncGroup.

use kafka_protocol::ResponseError;

use crate::groups::Now;
use crate::groups::classic::{Identity, Sync, SyncAnswer, Synced};
use crate::groups::consumer::{Group, MemberState, Topics};
use crate::groups::embedded::{self, CONSUMERS};

impl Group {
    /// A member of the classic protocol wants its assignment.
    pub(crate) fn sync_classic(
        &mut self,
        sync: &Sync,
        topics: &dyn Topics,
        now: Now,
    ) -> SyncAnswer {
        let session_timeout = self.limits.session_timeout;
        let epoch = self.epoch;
        let instance_id = sync.instance_id.as_deref();
        let who = Identity { member_id: &sync.member_id, instance_id };
        let member = self.classic_member(who)?;
        member.check_epoch(sync.generation)?;
        let protocol = member.classic.as_ref().and_then(|classic| classic.protocols.first());
        let protocol = protocol.cloned().ok_or(ResponseError::InconsistentGroupProtocol)?;
        if sync.protocol_type.as_deref().is_some_and(|said| said != CONSUMERS)
            || sync.protocol.as_ref().is_some_and(|said| *said != protocol.name)
        {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        // Who has to let go of partitions first hears which ones it keeps.
        if member.epoch < epoch && member.state != MemberState::Unrevoked {
            member.must_join(now);
            return Err(ResponseError::RebalanceInProgress);
        }
        member.act_by = None;
        member.touch(now.at, session_timeout);
        let assigned = member.assigned.named(topics);
        Ok(Synced {
            protocol_type: Some(CONSUMERS.into()),
            protocol: Some(protocol.name),
            assignment: embedded::write_assignment(&assigned, &protocol.metadata),
        })
    }
}
