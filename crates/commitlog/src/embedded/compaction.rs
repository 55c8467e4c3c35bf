//! Compaction.

use super::checkpoint::Checkpoint;
use super::core::Core;
use crate::Result;

impl Core {
    pub(super) fn compact(&self, _saved: &mut Checkpoint) -> Result<()> {
        Ok(())
    }
}
