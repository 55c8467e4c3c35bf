//! Fetch, ListOffsets and OffsetForLeaderEpoch: everything that reads.

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// Incremental fetch sessions (KIP-227).
#[derive(Debug, Default)]
pub(crate) struct Sessions {}

/// Handles a request that reads.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}
