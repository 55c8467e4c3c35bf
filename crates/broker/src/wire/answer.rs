//! Answers: ready, to come, or none.

use bytes::{BufMut as _, BytesMut};
use futures_util::future::BoxFuture;
use kafka_protocol::messages::ResponseHeader;
use kafka_protocol::protocol::{Encodable, HeaderVersion};

use super::Outgoing;
use crate::context::RequestContext;
use crate::{Error, Result};

/// What becomes of a request.
pub(crate) enum Answer {
    /// A frame to send.
    Ready(Outgoing),
    /// A frame that will be there when something has happened, a sync for instance. Requests behind
    /// it are handled meanwhile; answers keep their order.
    Later(BoxFuture<'static, Result<Outgoing>>),
    /// A frame to send before the connection is closed.
    Last(Outgoing),
    /// Nothing is sent.
    Silent,
}

/// The whole frame that answers the request of `context` with `body`.
///
/// # Errors
/// `Encode` when `body` cannot be said in the request's version.
pub(crate) fn encode<B: Encodable + HeaderVersion>(
    context: &RequestContext,
    body: &B,
) -> Result<Outgoing> {
    let failed = |error: &dyn std::fmt::Display| Error::Encode {
        request: crate::wire::supported(context.api_key).map_or("request", |known| known.name),
        reason: error.to_string(),
    };
    let version = context.version;
    let header = ResponseHeader::default().with_correlation_id(context.correlation_id);
    let header_version = B::header_version(version);
    let body_bytes = body.compute_size(version).map_err(|error| failed(&error))?;
    let mut frame = BytesMut::with_capacity(body_bytes + 16);
    frame.put_u32(0);
    header.encode(&mut frame, header_version).map_err(|error| failed(&error))?;
    body.encode(&mut frame, version).map_err(|error| failed(&error))?;
    let length = u32::try_from(frame.len() - 4).map_err(|error| failed(&error))?;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame.freeze().into())
}
