//! Errors as ksqlDB's JSON (spec section 8.8). The first three digits of the code are the status.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use engine::{Error, ErrorCode, Failure};
use serde_json::{Value, json};
use sql::ast::SourceText;

use super::entity_json;
use crate::http::{BodyError, Media, Panicked};

/// Status and code of a request whose Accept header names nothing that can be sent.
const NOT_ACCEPTABLE: u32 = 40600;

/// Status and code of a request whose body is of a type that is not read.
const UNSUPPORTED_MEDIA_TYPE: u32 = 41500;

/// An answer that says no.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: u32,
    message: String,
    /// The statement that failed and the entities of those before it.
    statement: Option<(String, Vec<Value>)>,
}

impl Refusal {
    /// A refusal that is not about a statement.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: code as u32, message: message.into(), statement: None }
    }

    /// The client accepts none of the media types there are.
    pub fn not_acceptable() -> Self {
        let message = "None of the media types in the Accept header can be sent".to_owned();
        Self { code: NOT_ACCEPTABLE, message, statement: None }
    }

    /// The request's body is no JSON, by what it says of itself.
    pub fn unsupported_media_type(said: &str) -> Self {
        let message = format!(
            "Content-Type '{said}' can't be read here; send {} or {}",
            Media::Json.name(),
            Media::Ksql.name()
        );
        Self { code: UNSUPPORTED_MEDIA_TYPE, message, statement: None }
    }

    /// The code.
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The JSON.
    pub fn json(&self) -> Value {
        let (code, message) = (self.code, &self.message);
        match &self.statement {
            None => json!({ "@type": "generic_error", "error_code": code, "message": message }),
            Some((statement, entities)) => json!({
                "@type": "statement_error", "error_code": code, "message": message,
                "statementText": statement, "entities": entities,
            }),
        }
    }
}

/// Whether errors of this code tell the statement and what was done before it.
fn is_about_statement(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::BadStatement | ErrorCode::QueryEndpoint | ErrorCode::AssertionFailed)
}

/// The message with line and column, counted in `text`.
pub fn message(error: &Error, text: &str) -> String {
    match error {
        Error::Statement(error) => error.rest_message(SourceText::whole(text)),
        other => other.to_string(),
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let code = failure.error.code();
        let message = message(&failure.error, &failure.text);
        if code == ErrorCode::ServerError {
            tracing::error!(error = %failure.error, statement = failure.statement, "request failed");
        }
        let entities: Vec<Value> = failure.done.iter().map(entity_json::answer).collect();
        let statement = is_about_statement(code) || !entities.is_empty();
        let text = failure.statement.unwrap_or(failure.text);
        let statement = statement.then_some((text, entities));
        Self { code: code as u32, message, statement }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(error.code(), message(&error, ""))
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self::new(ErrorCode::BadRequest, error.to_string())
    }
}

impl From<Panicked> for Refusal {
    fn from(error: Panicked) -> Self {
        Self::new(ErrorCode::ServerError, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = u16::try_from(self.code / 100).unwrap_or_default();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Body::from(self.json().to_string());
        (status, [(CONTENT_TYPE, Media::Ksql.name())], body).into_response()
    }
}
