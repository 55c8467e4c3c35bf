//! `POST /query`, `/query-stream` and `/close-query`: SELECT and PRINT.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{ErrorCode, Head, Request};

use super::print;
use super::refusal::Refusal;
use super::request_json::{CloseQuery, KsqlRequest, QueryStreamArgs};
use super::routes::Ksql;
use super::row_format::RowFormat;
use super::row_stream::RowStream;
use super::statements::statement_body;
use crate::http::{Media, accepts, blocking, json_body};

/// `POST /query`.
pub async fn query(
    State(ksql): State<Ksql>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let media = accepts(&headers, &[Media::Ksql, Media::Json, Media::Delimited]);
    let media = media.ok_or_else(Refusal::not_acceptable)?;
    let request: KsqlRequest = statement_body(&headers, body).await?;
    let request = Request::from(request);
    if print::is_print(&request.text) {
        return print::response(&ksql, request, media).await;
    }
    rows(&ksql, request, media, RowFormat::of_query).await
}

/// `POST /query-stream`.
pub async fn query_stream(
    State(ksql): State<Ksql>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let media = accepts(&headers, &[Media::Delimited, Media::Ksql, Media::Json]);
    let media = media.ok_or_else(Refusal::not_acceptable)?;
    let request: QueryStreamArgs = statement_body(&headers, body).await?;
    let request = Request::from(request);
    if print::is_print(&request.text) {
        if media != Media::Delimited {
            return Err(Refusal::not_acceptable());
        }
        return print::response(&ksql, request, media).await;
    }
    rows(&ksql, request, media, RowFormat::of_query_stream).await
}

async fn rows(
    ksql: &Ksql,
    request: Request,
    media: Media,
    format: fn(Media, &Head) -> RowFormat,
) -> Result<Response, Refusal> {
    let engine = ksql.engine();
    // A pull query is asked, read and written in one go: changing threads costs more than a lookup.
    let stream = blocking(move || {
        let answer = engine.query(&request)?;
        let (format, is_push) = (format(media, &answer.head), answer.head.is_push);
        let mut stream = RowStream::new(answer, format);
        if !is_push {
            stream.collect();
        }
        Ok::<_, engine::Failure>(stream)
    });
    let stream = stream.await??;
    Ok(([(CONTENT_TYPE, media.name())], stream.into_body()).into_response())
}

/// `POST /close-query`.
pub async fn close_query(State(ksql): State<Ksql>, body: Body) -> Result<StatusCode, Refusal> {
    let request: CloseQuery = json_body(body).await?;
    let (engine, query_id) = (ksql.engine(), request.query_id.clone());
    if blocking(move || engine.close_query(&query_id)).await? {
        return Ok(StatusCode::OK);
    }
    let message = format!("No query with id {}", request.query_id);
    Err(Refusal::new(ErrorCode::BadRequest, message))
}
