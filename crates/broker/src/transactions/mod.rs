//! Transactions: producer ids, the coordinator and its topic `__transaction_state`.

use std::sync::Arc;

use commitlog::EmbeddedLog;

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Broker, Error, Result};

/// Every transactional id.
#[derive(Debug, Default)]
pub(crate) struct Coordinator {}

impl Coordinator {
    /// Takes up the transactions that `log` knows.
    ///
    /// # Errors
    /// `Log` when they cannot be read.
    pub(crate) fn open(_log: &Arc<EmbeddedLog>) -> Result<Self> {
        Ok(Self {})
    }
}

/// Handles a request about transactions.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}

/// Aborts transactions that time out, for ever.
pub(crate) async fn expire(_broker: Arc<Broker>) {}
