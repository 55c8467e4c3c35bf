//! `GET /ws/query`: one SELECT or PRINT over a WebSocket (spec section 8.5). The columns come first,
//! then a frame per row, then `{"error":"done"}`.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use engine::{ErrorCode, Failure, FieldInfo, FieldRole, Next, QueryAnswer, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::entity_json;
use super::print::{self, LineStream};
use super::refusal::Refusal;
use super::request_json::KsqlRequest;
use super::routes::Ksql;
use super::row_format::{RowFormat, words};
use crate::http::{Media, Panicked, blocking};

/// Longest reason that fits into a close frame.
const REASON_BYTES_MAX: usize = 123;
const CLOSE_NORMAL: u16 = 1000;
const CLOSE_BAD_REQUEST: u16 = 1003;
const CLOSE_INTERNAL: u16 = 1011;

/// Query parameters.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    request: String,
}

/// Upgrades the connection and answers on it.
pub async fn ws_query(
    State(ksql): State<Ksql>,
    Query(parameters): Query<Parameters>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |mut socket| async move {
        let outcome = answer(&ksql, &parameters.request, &mut socket).await;
        if let Err(error) = end(socket, outcome).await {
            tracing::debug!(%error, "WebSocket ended");
        }
    })
}

/// Why an answer stops before its end.
enum Stop {
    /// The client is to be told.
    Refused(Refusal),
    /// The client is gone.
    Gone(axum::Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure.into())
    }
}

impl From<Panicked> for Stop {
    fn from(error: Panicked) -> Self {
        Self::Refused(error.into())
    }
}

async fn answer(ksql: &Ksql, request: &str, socket: &mut WebSocket) -> Result<(), Stop> {
    let request: KsqlRequest = serde_json::from_str(request)
        .map_err(|error| Refusal::new(ErrorCode::BadRequest, format!("bad request: {error}")))?;
    let request = Request::from(request);
    let engine = ksql.engine();
    if print::is_print(&request.text) {
        let answer = blocking(move || engine.print(&request)).await??;
        return lines(LineStream::new(answer, ksql.stop.clone()), socket).await;
    }
    let answer = blocking(move || engine.query(&request)).await??;
    rows(answer, socket).await
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), Stop> {
    socket.send(Message::Text(text.into())).await.map_err(Stop::Gone)
}

async fn lines(lines: LineStream, socket: &mut WebSocket) -> Result<(), Stop> {
    let mut left = Some(lines);
    while let Some(lines) = left {
        let next = tokio::select! {
            next = lines.chunk() => next,
            error = gone(socket) => return Err(Stop::Gone(error)),
        };
        let Some((text, rest)) = next else { break };
        for line in text.lines() {
            send(socket, line.to_owned()).await?;
        }
        left = rest;
    }
    Ok(())
}

async fn rows(mut answer: QueryAnswer, socket: &mut WebSocket) -> Result<(), Stop> {
    let format = RowFormat::of_query(Media::Ksql, &answer.head);
    send(socket, columns(&answer).to_string()).await?;
    let came = Arc::new(Notify::new());
    let woken = Arc::clone(&came);
    answer.on_rows(Arc::new(move || woken.notify_one()));
    loop {
        let (rest, next) = blocking(move || {
            let next = answer.try_next();
            (answer, next)
        })
        .await?;
        answer = rest;
        match next {
            Next::Rows(rows) => {
                for row in &rows {
                    let mut text = String::new();
                    format.row_object(row, &mut text);
                    send(socket, text).await?;
                }
            }
            Next::Nothing => tokio::select! {
                () = came.notified() => {}
                error = gone(socket) => return Err(Stop::Gone(error)),
            },
            Next::End(None) => return Ok(()),
            Next::End(Some(message)) => {
                return send(socket, json!({ "finalMessage": words(message) }).to_string()).await;
            }
            Next::Failed(message) => {
                return Err(Refusal::new(ErrorCode::ServerError, message).into());
            }
        }
    }
}

/// ksqlDB's FieldInfo of each column.
fn columns(answer: &QueryAnswer) -> Value {
    let columns = answer.head.columns.iter().cloned();
    let info = |column| entity_json::field_info(&FieldInfo { column, role: FieldRole::Value });
    columns.map(info).collect()
}

/// Waits until the client closes; whatever else it says means nothing here.
async fn gone(socket: &mut WebSocket) -> axum::Error {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Close(_))) | None => return axum::Error::new("the client closed"),
            Some(Ok(_)) => {}
            Some(Err(error)) => return error,
        }
    }
}

async fn end(mut socket: WebSocket, outcome: Result<(), Stop>) -> Result<(), axum::Error> {
    let (code, words) = match outcome {
        Ok(()) => (CLOSE_NORMAL, "done".to_owned()),
        Err(Stop::Gone(error)) => return Err(error),
        Err(Stop::Refused(refusal)) => {
            let is_client = refusal.code() < ErrorCode::ServerError as u32;
            let code = if is_client { CLOSE_BAD_REQUEST } else { CLOSE_INTERNAL };
            (code, refusal.message().to_owned())
        }
    };
    socket.send(Message::Text(json!({ "error": words }).to_string().into())).await?;
    let end = words.floor_char_boundary(REASON_BYTES_MAX);
    let reason = words[..end].to_owned().into();
    socket.send(Message::Close(Some(CloseFrame { code, reason }))).await
}
