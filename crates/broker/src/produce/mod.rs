//! Produce: record batches of clients into the log.

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// Handles a produce request: appends at once, answers when the acknowledgement asked for is due.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn answer(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}
