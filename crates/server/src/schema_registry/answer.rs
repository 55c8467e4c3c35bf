//! Answers and errors of the registry's API.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use registry::Registry;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::http::{BodyError, Panicked, blocking};

/// The API's media type.
const MEDIA: &str = "application/vnd.schemaregistry.v1+json";

/// A JSON answer.
#[derive(Debug)]
pub struct Answer(Value);

/// An error with the registry's code.
#[derive(Debug)]
pub struct Refusal {
    code: u32,
    message: String,
}

/// What handlers return.
pub type Result = std::result::Result<Answer, Refusal>;

/// A JSON answer.
pub fn ok(value: Value) -> Answer {
    Answer(value)
}

/// The registry's answer to `ask`, which may block.
pub async fn ask<T: Send + 'static>(
    registry: Arc<Registry>,
    ask: impl FnOnce(&Registry) -> registry::Result<T> + Send + 'static,
) -> std::result::Result<T, Refusal> {
    Ok(blocking(move || ask(&registry)).await??)
}

impl Refusal {
    /// There is no such path.
    pub fn not_found() -> Self {
        Self { code: 404, message: "HTTP 404 Not Found".to_owned() }
    }

    /// The path has no such method.
    pub fn method_not_allowed() -> Self {
        Self { code: 405, message: "HTTP 405 Method Not Allowed".to_owned() }
    }

    /// A parameter or member is wrong.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self { code: 422, message: message.into() }
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl From<registry::Error> for Refusal {
    fn from(error: registry::Error) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self { code: 400, message: error.to_string() }
    }
}

impl From<Panicked> for Refusal {
    fn from(error: Panicked) -> Self {
        Self { code: 50001, message: error.to_string() }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, MEDIA)], Body::from(self.0.to_string())).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Codes of five digits begin with the status.
        let status = if self.code < 1_000 { self.code } else { self.code / 100 };
        let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({ "error_code": self.code, "message": self.message });
        (status, Answer(body)).into_response()
    }
}
