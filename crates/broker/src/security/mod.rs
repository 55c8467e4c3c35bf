//! Who a client is and what it may do: SASL, SCRAM credentials, ACLs and quotas.

mod authorizer;
mod quotas;

use std::sync::Arc;

use commitlog::EmbeddedLog;

pub(crate) use authorizer::{Operation, Resource};
pub(crate) use quotas::HoldBack;

use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Config, Error, Result};

/// Credentials, grants and quotas.
#[derive(Debug, Default)]
pub(crate) struct Security {}

/// Who the client of a connection has proved to be.
#[derive(Debug, Default)]
pub struct Authentication {}

impl Security {
    /// Takes up credentials, grants and quotas as `log` has them.
    ///
    /// # Errors
    /// `Log` when they cannot be read.
    pub(crate) fn open(_log: &Arc<EmbeddedLog>, _config: &Config) -> Result<Self> {
        Ok(Self {})
    }
}

/// Fails unless the client may send such a request now: before it has authenticated itself, on
/// listeners where it must, only what serves that is allowed.
///
/// # Errors
/// `Unauthenticated`.
pub(crate) fn check_may_ask(_context: &RequestContext) -> Result<()> {
    Ok(())
}

/// Handles a request about security.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    Err(Error::Malformed(format!("{:?} is not supported yet", call.context.api_key)))
}
