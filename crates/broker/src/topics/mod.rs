//! Topics, their configurations, and the node itself: metadata and administration.

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// Handles a request about topics or the node.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}
