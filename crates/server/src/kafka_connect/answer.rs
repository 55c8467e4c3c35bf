//! Answers and errors of Kafka Connect's API.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use connect::{Error, Runtime};
use serde_json::{Value, json};

use crate::http::{BodyError, Media, Panicked, blocking};

/// A status with JSON or, when there is nothing to say, without.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Value>,
}

/// What handlers return.
pub type Result<T = Answer> = std::result::Result<T, Answer>;

/// 200 with JSON.
pub fn ok(body: Value) -> Answer {
    Answer { status: StatusCode::OK, body: Some(body) }
}

/// 201 with JSON.
pub fn created(body: Value) -> Answer {
    Answer { status: StatusCode::CREATED, body: Some(body) }
}

/// A status and nothing else.
pub fn only(status: StatusCode) -> Answer {
    Answer { status, body: None }
}

/// An error.
pub fn refused(status: StatusCode, message: impl Into<String>) -> Answer {
    let body = json!({ "error_code": status.as_u16(), "message": message.into() });
    Answer { status, body: Some(body) }
}

/// The runtime's answer to `ask`, which may block.
///
/// # Errors
/// What the runtime refuses, as an answer.
pub async fn ask<T: Send + 'static>(
    runtime: Arc<Runtime>,
    ask: impl FnOnce(&Runtime) -> connect::Result<T> + Send + 'static,
) -> std::result::Result<T, Answer> {
    Ok(blocking(move || ask(&runtime)).await??)
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Exists(_) => StatusCode::CONFLICT,
            Error::Config(_)
            | Error::UnknownClass { .. }
            | Error::Database { .. }
            | Error::Unsupported(_)
            | Error::Purged(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        refused(status, error.to_string())
    }
}

impl From<BodyError> for Answer {
    fn from(error: BodyError) -> Self {
        refused(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl From<Panicked> for Answer {
    fn from(error: Panicked) -> Self {
        refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.body {
            None => self.status.into_response(),
            Some(body) => {
                let body = Body::from(body.to_string());
                (self.status, [(CONTENT_TYPE, Media::Json.name())], body).into_response()
            }
        }
    }
}
