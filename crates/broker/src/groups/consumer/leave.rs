//! Members leave.

use std::sync::Arc;

use kafka_protocol::ResponseError;

use super::member::AWAY;
use super::{Group, Partitions, Refusal};

impl Group {
    /// A member leaves for good.
    ///
    /// # Errors
    /// `UnknownMemberId` or `FencedInstanceId`.
    pub(crate) fn leave(&mut self, id: &str, instance_id: Option<&str>) -> Result<(), Refusal> {
        self.check_identity(id, instance_id)?;
        self.take_out(id);
        Ok(())
    }

    /// A static member leaves for a while: it keeps its assignment until its session ends.
    ///
    /// # Errors
    /// `UnknownMemberId` or `FencedInstanceId`.
    pub(crate) fn go_away(&mut self, id: &str, instance_id: &str) -> Result<(), Refusal> {
        self.check_identity(id, Some(instance_id))?;
        if let Some(member) = self.members.get_mut(id) {
            member.epoch = AWAY;
            member.revoking = Partitions::default();
            member.act_by = None;
            self.is_changed = true;
        }
        Ok(())
    }

    pub(super) fn check_identity(
        &self,
        id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), Refusal> {
        let Some(instance_id) = instance_id else {
            return match self.members.contains_key(id) {
                true => Ok(()),
                false => Err(ResponseError::UnknownMemberId.into()),
            };
        };
        match self.statics.get(instance_id) {
            None => Err(ResponseError::UnknownMemberId.into()),
            Some(known) if **known != *id => Err(ResponseError::FencedInstanceId.into()),
            Some(_) => Ok(()),
        }
    }

    /// Takes a member out, if there is such a one; the others share what it had.
    pub(super) fn take_out(&mut self, id: &str) {
        let Some(member) = self.members.remove(id) else { return };
        if let Some(instance_id) = &member.instance_id
            && self.statics.get(instance_id).map(Arc::as_ref) == Some(id)
        {
            self.statics.remove(instance_id);
        }
        self.target.remove(id);
        self.wanted = None;
        self.advance();
    }
}
