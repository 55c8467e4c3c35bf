//! SaslHandshake: which mechanism the client will use.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SaslHandshakeRequest, SaslHandshakeResponse};
use kafka_protocol::protocol::StrBytes;

use super::dialogue::NoHandshake;
use crate::Broker;
use crate::context::RequestContext;

/// Answers the request.
pub(crate) async fn handshake(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: SaslHandshakeRequest,
) -> SaslHandshakeResponse {
    let out_of_place =
        SaslHandshakeResponse::default().with_error_code(ResponseError::IllegalSaslState.code());
    let Some(mut dialogue) = context.session.authentication.dialogue() else { return out_of_place };
    let is_raw = context.version == 0;
    let begun = dialogue.begin(&request.mechanism, is_raw, broker.clock.monotonic());
    let error_code = match begun {
        Ok(()) => 0,
        Err(NoHandshake::UnknownMechanism) => ResponseError::UnsupportedSaslMechanism.code(),
        Err(NoHandshake::OutOfPlace) => return out_of_place,
    };
    let mechanisms = dialogue.listener.mechanisms.iter();
    SaslHandshakeResponse::default().with_error_code(error_code).with_mechanisms(
        mechanisms.map(|mechanism| StrBytes::from_static_str(mechanism.name())).collect(),
    )
}
