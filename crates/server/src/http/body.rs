//! Bodies of requests, read up to a bound.

use axum::body::{Body, to_bytes};
use serde::de::DeserializeOwned;

/// Largest body of a request.
pub const BODY_BYTES_MAX: usize = 16 << 20;

/// Why a body can't be taken.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is too large, or the client stopped sending.
    #[error("the request's body can't be read or has more than {BODY_BYTES_MAX} bytes: {0}")]
    Unreadable(axum::Error),
    /// It is not the JSON that was expected.
    #[error("the request's body is not the JSON that is expected here: {0}")]
    Malformed(serde_json::Error),
}

/// The body as JSON, whatever its content type says.
///
/// # Errors
/// When it is too large, ends early, or is something else.
pub async fn json_body<T: DeserializeOwned>(body: Body) -> Result<T, BodyError> {
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(BodyError::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(BodyError::Malformed)
}
