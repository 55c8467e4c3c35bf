//! `POST /ksql`: statements other than SELECT and PRINT.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::entity_json;
use super::refusal::Refusal;
use super::request_json::KsqlRequest;
use super::routes::Ksql;
use crate::http::{Media, accepts, blocking, foreign_content, json_body};

/// Runs the statements; the answer is an array with one entity each.
pub async fn ksql(
    State(ksql): State<Ksql>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let media = accepts(&headers, &[Media::Ksql, Media::Json]);
    let media = media.ok_or_else(Refusal::not_acceptable)?;
    let request: KsqlRequest = statement_body(&headers, body).await?;
    let engine = ksql.engine();
    let answers = blocking(move || engine.execute(&request.into())).await??;
    let entities: Vec<Value> = answers.iter().map(entity_json::answer).collect();
    Ok(json_response(media, &Value::Array(entities)))
}

/// The body of a request for statements.
///
/// # Errors
/// When it says that it is no JSON, or is none.
pub async fn statement_body<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refusal> {
    if let Some(said) = foreign_content(headers) {
        return Err(Refusal::unsupported_media_type(&said));
    }
    Ok(json_body(body).await?)
}

/// A JSON answer.
pub fn json_response(media: Media, value: &Value) -> Response {
    ([(CONTENT_TYPE, media.name())], Body::from(value.to_string())).into_response()
}
