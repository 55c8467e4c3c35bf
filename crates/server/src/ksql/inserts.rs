//! `POST /inserts-stream`: rows, one JSON object per line, each acknowledged when it is on stable
//! storage (spec section 8.6). Rows are inserted in their order; the next line is read only when the
//! client takes the acknowledgements.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use engine::{Engine, ErrorCode};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::request_json::texts;
use super::routes::Ksql;
use crate::http::{BODY_BYTES_MAX, Media, blocking};

/// The first line.
#[derive(Debug, Deserialize)]
struct Target {
    target: String,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

/// Inserts the rows of the body.
pub async fn inserts_stream(State(ksql): State<Ksql>, body: Body) -> Result<Response, Refusal> {
    let mut lines = Lines { body: body.into_data_stream(), buffer: BytesMut::new() };
    let first = lines.next().await?;
    let first = first.ok_or_else(|| bad_request("the first line must name the target"))?;
    let target: Target = serde_json::from_slice(&first)
        .map_err(|error| bad_request(format!("the first line must name the target: {error}")))?;
    let inserts = Inserts {
        rows: Rows {
            engine: ksql.engine(),
            target: Arc::from(target.target),
            properties: Arc::new(texts(target.properties)),
        },
        lines,
        sequence: 0,
    };
    let acknowledged = stream::unfold(Some(inserts), |inserts| async { inserts?.step().await });
    let acknowledged = Body::from_stream(acknowledged.map(Ok::<_, Infallible>));
    Ok(([(CONTENT_TYPE, Media::Delimited.name())], acknowledged).into_response())
}

fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::BadRequest, message)
}

struct Inserts {
    rows: Rows,
    lines: Lines,
    sequence: u64,
}

impl Inserts {
    /// Inserts the next row; nothing is left after an error.
    async fn step(mut self) -> Option<(Bytes, Option<Self>)> {
        let sequence = self.sequence;
        let outcome = match self.lines.next().await {
            Ok(None) => return None,
            Ok(Some(line)) => self.rows.insert(line).await,
            Err(refusal) => Err(refusal),
        };
        self.sequence += 1;
        match outcome {
            Ok(()) => Some((line(&json!({ "status": "ok", "seq": sequence })), Some(self))),
            Err(refusal) => {
                let error = json!({
                    "status": "error", "seq": sequence,
                    "error_code": refusal.code(), "message": refusal.message(),
                });
                Some((line(&error), None))
            }
        }
    }
}

/// Where the rows go.
struct Rows {
    engine: Arc<Engine>,
    target: Arc<str>,
    properties: Arc<BTreeMap<String, String>>,
}

impl Rows {
    async fn insert(&self, line: Bytes) -> Result<(), Refusal> {
        let row: Map<String, Value> = serde_json::from_slice(&line)
            .map_err(|error| bad_request(format!("a row must be a JSON object: {error}")))?;
        let (engine, target) = (Arc::clone(&self.engine), Arc::clone(&self.target));
        let properties = Arc::clone(&self.properties);
        blocking(move || engine.insert_row(&target, &row, &properties)).await??;
        Ok(())
    }
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}

/// The lines of a body, as they arrive.
struct Lines {
    body: BodyDataStream,
    buffer: BytesMut,
}

impl Lines {
    /// The next line that is not blank, without its end; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1).freeze();
                if line.trim_ascii().is_empty() {
                    continue;
                }
                return Ok(Some(line));
            }
            if self.buffer.len() > BODY_BYTES_MAX {
                return Err(bad_request("a line is too long"));
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(bad_request(error.to_string())),
                None => {
                    let rest = self.buffer.split().freeze();
                    return Ok((!rest.trim_ascii().is_empty()).then_some(rest));
                }
            }
        }
    }
}
