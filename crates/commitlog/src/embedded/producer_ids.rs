//! Producer ids are reserved in blocks by commits and given out from memory; what a crash leaves of a
//! block is never given out.

use super::core::Core;
use super::frame;
use crate::{CommitId, Result};

/// How many ids one commit reserves.
const BLOCK: u64 = 1_000;

/// The ids that may still be given out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProducerIds {
    next: u64,
    reserved: u64,
    /// The commit that reserved the last block.
    commit: u64,
}

impl ProducerIds {
    /// No ids are left of those below `reserved`.
    pub(super) fn restored(reserved: u64) -> Self {
        Self { next: reserved, reserved, commit: 0 }
    }

    /// All ids below it may have been given out.
    pub(super) fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Ids below `until` may be given out when `commit` is durable.
    pub(super) fn reserve(&mut self, until: u64, commit: u64) {
        self.reserved = self.reserved.max(until);
        self.commit = commit;
    }

    /// Forgets what is left: whoever reads the journal back cannot know how much was given out.
    pub(super) fn skip_reserved(&mut self) {
        self.next = self.reserved;
    }

    fn take(&mut self) -> Option<(u64, CommitId)> {
        let id = (self.next < self.reserved).then_some(self.next)?;
        self.next += 1;
        Some((id, CommitId(self.commit)))
    }
}

impl Core {
    /// A producer id that was never given out before.
    pub(super) fn allocate_producer_id(&self) -> Result<i64> {
        loop {
            let taken = self.state().producer_ids.take();
            if let Some((id, reservation)) = taken {
                self.wait_durable(reservation)?;
                // The journal would have to hold 2^53 commits for it to leave 63 bits.
                return Ok(id as i64);
            }
            self.write(|state| {
                let mut frame = frame::Builder::new(16);
                frame.reserve_producer_ids(state.producer_ids.reserved() + BLOCK);
                Ok((frame, ()))
            })?;
        }
    }
}
