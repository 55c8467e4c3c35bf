//! Consumer groups: membership by the classic protocol and by KIP-848, and committed offsets.

use std::sync::Arc;

use commitlog::EmbeddedLog;

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Broker, Error, Result};

/// Every group.
#[derive(Debug, Default)]
pub(crate) struct Coordinator {}

impl Coordinator {
    /// Takes up the groups that `log` knows.
    ///
    /// # Errors
    /// `Log` when they cannot be read.
    pub(crate) fn open(_log: &Arc<EmbeddedLog>) -> Result<Self> {
        Ok(Self {})
    }
}

/// Handles a request about groups.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}

/// Expires sessions of members and offsets of groups, for ever.
pub(crate) async fn expire(_broker: Arc<Broker>) {}
