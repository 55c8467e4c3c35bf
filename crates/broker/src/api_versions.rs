//! ApiVersions: what a client asks first, before it knows what the broker understands.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::api_versions_response::{
    ApiVersion, FinalizedFeatureKey, SupportedFeatureKey,
};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;

use crate::Result;
use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::topics::{FEATURES, Feature};
use crate::wire::{self, Answer, SUPPORTED};

/// librdkafka decides by a Produce version of zero whether a broker knows compression by record
/// batches, so Apache Kafka goes on to announce it; it is refused when used.
const PRODUCE_ANNOUNCED_MIN: i16 = 0;
/// From this version on clients say what they are called.
const CLIENT_NAMES_VERSION: i16 = 3;
/// Clients of older versions cannot read a feature whose lowest level is 0 (KIP-1022).
const LEVEL_ZERO_VERSION: i16 = 4;
/// Features never change while the program runs.
const FEATURES_EPOCH: i64 = 1;

/// Answers the request. A version from the future is answered in the oldest one with what is
/// understood, so that the client can try again (KIP-511).
///
/// # Errors
/// When the request is malformed.
pub(crate) fn answer(mut call: Call) -> Result<Answer> {
    let known = wire::supported(ApiKey::ApiVersions)
        .map_or(0..=0, |known| known.version_min..=known.version_max);
    let version = call.context.version;
    if !known.contains(&version) {
        let RequestContext { api_key, correlation_id, ref session, .. } = *call.context;
        let session = Arc::clone(session);
        let oldest =
            RequestContext { api_key, version: 0, correlation_id, client_id: None, session };
        let refusal = response(0).with_error_code(ResponseError::UnsupportedVersion.code());
        return Ok(Answer::Ready(wire::encode(&oldest, &refusal)?));
    }
    let request: ApiVersionsRequest = call.decode()?;
    let names = [&request.client_software_name, &request.client_software_version];
    let response = match version >= CLIENT_NAMES_VERSION && !names.iter().all(|n| is_name(n)) {
        true => {
            ApiVersionsResponse::default().with_error_code(ResponseError::InvalidRequest.code())
        }
        false => response(version),
    };
    Ok(Answer::Ready(wire::encode(&call.context, &response)?))
}

/// Whether a client's program may be called so: letters and digits, within them '-' and '.'.
fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().copied().all(inside)
}

fn response(version: i16) -> ApiVersionsResponse {
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
    let readable = |feature: &&Feature| feature.level_min > 0 || version >= LEVEL_ZERO_VERSION;
    let supported = |feature: &Feature| {
        SupportedFeatureKey::default()
            .with_name(StrBytes::from_static_str(feature.name))
            .with_min_version(feature.level_min)
            .with_max_version(feature.level)
    };
    let finalized = |feature: &Feature| {
        FinalizedFeatureKey::default()
            .with_name(StrBytes::from_static_str(feature.name))
            .with_min_version_level(feature.level)
            .with_max_version_level(feature.level)
    };
    ApiVersionsResponse::default()
        .with_api_keys(SUPPORTED.iter().map(announce).collect())
        .with_supported_features(FEATURES.iter().filter(readable).map(supported).collect())
        .with_finalized_features_epoch(FEATURES_EPOCH)
        .with_finalized_features(FEATURES.iter().map(finalized).collect())
}
