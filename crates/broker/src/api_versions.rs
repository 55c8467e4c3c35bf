//! ApiVersions: what a client asks first, before it knows what the broker understands.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};

use crate::Result;
use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::wire::{self, Answer, SUPPORTED};

/// librdkafka decides by a Produce version of zero whether a broker knows compression by record
/// batches, so Apache Kafka goes on to announce it; it is refused when used.
const PRODUCE_ANNOUNCED_MIN: i16 = 0;

/// Answers the request. A version from the future is answered in the oldest one with what is
/// understood, so that the client can try again (KIP-511).
///
/// # Errors
/// When the request is malformed.
pub(crate) fn answer(mut call: Call) -> Result<Answer> {
    let known = wire::supported(ApiKey::ApiVersions)
        .map_or(0..=0, |known| known.version_min..=known.version_max);
    if !known.contains(&call.context.version) {
        let RequestContext { api_key, correlation_id, ref session, .. } = *call.context;
        let oldest = RequestContext {
            api_key,
            version: 0,
            correlation_id,
            client_id: None,
            session: std::sync::Arc::clone(session),
        };
        let refusal = response().with_error_code(ResponseError::UnsupportedVersion.code());
        return Ok(Answer::Ready(wire::encode(&oldest, &refusal)?));
    }
    let _request: ApiVersionsRequest = call.decode()?;
    Ok(Answer::Ready(wire::encode(&call.context, &response())?))
}

fn response() -> ApiVersionsResponse {
    let version_min = |known: &wire::Supported| match known.key {
        ApiKey::Produce => PRODUCE_ANNOUNCED_MIN,
        _ => known.version_min,
    };
    let announce = |known: &wire::Supported| {
        ApiVersion::default()
            .with_api_key(known.key as i16)
            .with_min_version(version_min(known))
            .with_max_version(known.version_max)
    };
    ApiVersionsResponse::default().with_api_keys(SUPPORTED.iter().map(announce).collect())
}
