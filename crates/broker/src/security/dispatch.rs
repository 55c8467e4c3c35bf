//! Requests about security, and the gate that every request passes.

use bytes::Bytes;
use kafka_protocol::messages::ApiKey;

use super::{acl, quotas, sasl, scram};
use crate::context::Session;
use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Broker, Error, Result};

/// Handles a request about security.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    match call.context.api_key {
        ApiKey::SaslHandshake | ApiKey::SaslAuthenticate => authenticate(call).await,
        ApiKey::DescribeAcls => call.answer(acl::describe).await,
        ApiKey::CreateAcls => call.answer(acl::create).await,
        ApiKey::DeleteAcls => call.answer(acl::delete).await,
        ApiKey::DescribeUserScramCredentials => call.answer(scram::describe).await,
        ApiKey::AlterUserScramCredentials => call.answer(scram::alter).await,
        ApiKey::DescribeClientQuotas => call.answer(quotas::describe).await,
        ApiKey::AlterClientQuotas => call.answer(quotas::alter).await,
        other => Err(Error::Malformed(format!("{other:?} is not about security"))),
    }
}

/// A failure is answered late, so that trying out passwords takes time, and is the connection's last.
async fn authenticate(call: Call) -> Result<Answer> {
    let (broker, context) = (call.broker.clone(), call.context.clone());
    let answer = match call.context.api_key {
        ApiKey::SaslHandshake => call.answer(sasl::handshake).await?,
        _ => call.answer(sasl::authenticate).await?,
    };
    let has_failed = context.session.authentication.dialogue().is_some_and(|d| d.has_failed());
    match answer {
        Answer::Ready(frame) if has_failed => {
            tokio::time::sleep(broker.security.settings.failure_delay).await;
            Ok(Answer::Last(frame))
        }
        answer => Ok(answer),
    }
}

/// Answers `frame` if it is a SASL token without header, which the connection of `session` may be
/// waiting for.
///
/// # Errors
/// `Unauthenticated` when the client has not proved who it is.
pub(crate) async fn take_raw_token(
    broker: &Broker,
    session: &Session,
    frame: &Bytes,
) -> Option<Result<Answer>> {
    let is_token = session.authentication.dialogue()?.takes_raw_tokens();
    if !is_token {
        return None;
    }
    let answer = sasl::authenticate_raw(broker, session, frame);
    if answer.is_err() {
        tokio::time::sleep(broker.security.settings.failure_delay).await;
    }
    Some(answer)
}

/// The largest request that the client of `session` may send: one that has not said who it is yet could
/// keep the memory of others' requests busy.
pub(crate) fn request_bytes_max(broker: &Broker, session: &Session) -> usize {
    let all_max = broker.config.request_bytes_max;
    match session.authentication.dialogue() {
        Some(dialogue) if !dialogue.is_again() => {
            let unknown_max = broker.settings.number("sasl.server.max.receive.size");
            all_max.min(usize::try_from(unknown_max).unwrap_or(0))
        }
        _ => all_max,
    }
}

/// Fails unless the client may send such a request now: before it has authenticated itself, on
/// listeners where it must, only what serves that is allowed.
///
/// # Errors
/// `Unauthenticated`.
pub(crate) async fn check_may_ask(call: &Call) -> Result<()> {
    let session = &call.context.session;
    let is_settled = |now| session.authentication.dialogue().is_none_or(|d| d.is_settled(now));
    let api_key = call.context.api_key;
    let serves_that = matches!(api_key, ApiKey::SaslHandshake | ApiKey::SaslAuthenticate);
    if serves_that || is_settled(call.broker.clock.monotonic()) {
        return Ok(());
    }
    tokio::time::sleep(call.broker.security.settings.failure_delay).await;
    Err(Error::Unauthenticated(format!(
        "{api_key:?} is not served before authentication or after its session has ended"
    )))
}
