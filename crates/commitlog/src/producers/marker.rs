//! The control batch that a marker becomes.

use bytes::Bytes;
use records::ControlKind;

use crate::{Marker, Outcome, Producer};

impl Marker {
    /// The batch to append, without its offset.
    pub(crate) fn control_batch(&self, now_ms: i64) -> Bytes {
        let kind = match self.outcome {
            Outcome::Commit => ControlKind::Commit,
            Outcome::Abort => ControlKind::Abort,
        };
        let Producer { id, epoch } = self.producer;
        kind.marker((id, epoch), self.coordinator_epoch, now_ms)
    }
}
