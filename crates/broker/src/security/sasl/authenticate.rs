//! SaslAuthenticate, and the bare tokens of old clients: one step of an authentication.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use kafka_protocol::protocol::StrBytes;

use super::exchange::{Failure, Progress};
use super::mechanism::Mechanism;
use crate::context::{RequestContext, Session};
use crate::wire::Answer;
use crate::{Broker, Error, Result};

/// What to send back.
struct Step {
    token: Vec<u8>,
    session_max: Option<Duration>,
}

/// Why a step leads nowhere.
enum NoStep {
    /// No authentication is under way.
    OutOfPlace,
    /// The client has not proved who it is; what it is told.
    Failed(String),
}

/// Answers the request.
pub(crate) async fn authenticate(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: SaslAuthenticateRequest,
) -> SaslAuthenticateResponse {
    let (error, reason) = match step(&broker, &context.session, &request.auth_bytes) {
        Ok(Step { token, session_max }) => {
            let lifetime_ms = session_max.map_or(0, |max| max.as_millis() as i64);
            return SaslAuthenticateResponse::default()
                .with_auth_bytes(token.into())
                .with_session_lifetime_ms(lifetime_ms);
        }
        Err(NoStep::OutOfPlace) => (
            ResponseError::IllegalSaslState,
            "SaslAuthenticate request received after successful authentication".to_owned(),
        ),
        Err(NoStep::Failed(reason)) => (ResponseError::SaslAuthenticationFailed, reason),
    };
    SaslAuthenticateResponse::default()
        .with_error_code(error.code())
        .with_error_message(Some(StrBytes::from_string(reason)))
}

/// Answers a bare token with a bare token. There is no way to tell a failure but to close.
///
/// # Errors
/// `Unauthenticated` when the client has not proved who it is.
pub(crate) fn authenticate_raw(
    broker: &Broker,
    session: &Session,
    token: &Bytes,
) -> Result<Answer> {
    match step(broker, session, token) {
        Ok(Step { token, .. }) => {
            let mut frame = BytesMut::with_capacity(token.len() + 4);
            frame.put_u32(u32::try_from(token.len()).unwrap_or(0));
            frame.extend_from_slice(&token);
            Ok(Answer::Ready(frame.freeze().into()))
        }
        Err(NoStep::OutOfPlace) => Err(Error::Unauthenticated("no token was expected".to_owned())),
        Err(NoStep::Failed(reason)) => Err(Error::Unauthenticated(reason)),
    }
}

fn step(broker: &Broker, session: &Session, token: &[u8]) -> std::result::Result<Step, NoStep> {
    let authentication = &session.authentication;
    let mut dialogue = authentication.dialogue().ok_or(NoStep::OutOfPlace)?;
    let Some((mechanism, exchange, is_raw)) = dialogue.take() else {
        dialogue.interrupt();
        return Err(NoStep::OutOfPlace);
    };
    let what = if dialogue.is_again() { "re-authentication" } else { "authentication" };
    let progress = exchange.advance(&dialogue.listener, &broker.security, token);
    let (failure, user) = match progress {
        Ok(Progress::Challenge { answer, next }) => {
            dialogue.go_on(mechanism, next, is_raw);
            return Ok(Step { token: answer, session_max: None });
        }
        Ok(Progress::Done { answer, user }) => {
            if authentication.set_user(&user) {
                let session_max = dialogue.succeed(mechanism, broker.clock.monotonic());
                return Ok(Step { token: answer, session_max });
            }
            let old = authentication.user();
            let changed = format!(
                "Cannot change principals during re-authentication from User.{old}: User.{user}"
            );
            (Failure::Because(changed), Some(user))
        }
        Err(failure) => (failure, None),
    };
    dialogue.fail();
    let reason = reason(failure, what, mechanism);
    let (connection, peer, mechanism) = (session.id, session.peer, mechanism.name());
    tracing::warn!(connection, %peer, mechanism, user, reason, "failed {what}");
    Err(NoStep::Failed(reason))
}

fn reason(failure: Failure, what: &str, mechanism: Mechanism) -> String {
    match failure {
        Failure::Because(reason) => reason,
        // It must not say whether the user exists.
        Failure::Invalid => format!(
            "Authentication failed during {what} due to invalid credentials with SASL mechanism {}",
            mechanism.name()
        ),
    }
}
