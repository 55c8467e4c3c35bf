//! Who may commit offsets for a classic group.

use kafka_protocol::ResponseError;

use super::{Group, Identity, State};
use crate::groups::Now;

impl Group {
    /// Fails unless an offset may be committed by `who` in `generation`. A member that commits lives.
    ///
    /// # Errors
    /// `UnknownMemberId`, `FencedInstanceId`, `IllegalGeneration`, or `RebalanceInProgress` while
    /// nobody knows yet who is assigned what.
    pub(crate) fn check_commit(
        &mut self,
        who: Identity<'_>,
        generation: i32,
        now: Now,
    ) -> Result<(), ResponseError> {
        if generation < 0 && self.state == State::Empty {
            // A consumer without group membership, or an administrator.
            return Ok(());
        }
        self.check_generation(who, generation)?;
        if self.state == State::Completing {
            return Err(ResponseError::RebalanceInProgress);
        }
        if let Some(member) = self.members.get_mut(who.member_id) {
            member.touch(now.at);
        }
        Ok(())
    }

    /// The same for a commit within a transaction: producers of old clients do not say which member
    /// they commit for, and are fenced by their transaction alone.
    ///
    /// # Errors
    /// `UnknownMemberId`, `FencedInstanceId` or `IllegalGeneration`.
    pub(crate) fn check_transactional_commit(
        &self,
        who: Identity<'_>,
        generation: i32,
    ) -> Result<(), ResponseError> {
        let says_nothing = generation < 0 && who.member_id.is_empty() && who.instance_id.is_none();
        if says_nothing || (generation < 0 && self.state == State::Empty) {
            return Ok(());
        }
        self.check_generation(who, generation)
    }

    fn check_generation(&self, who: Identity<'_>, generation: i32) -> Result<(), ResponseError> {
        self.check_member(who)?;
        match generation == self.generation {
            true => Ok(()),
            false => Err(ResponseError::IllegalGeneration),
        }
    }
}
