//! Rows of a query as the chunks of a body. The next rows are taken only when the connection can send
//! more, so a slow client holds back its own query and nothing else; when the client goes the body is
//! dropped, and the query with it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use engine::{Next, QueryAnswer};
use futures_util::stream;
use tokio::sync::Notify;

use super::row_format::RowFormat;
use crate::http::blocking;

/// Bytes of a pull query's answer that are collected before any are sent: an answer that fits is sent
/// whole, with its length.
pub const WHOLE_BYTES_MAX: usize = 256 << 10;

/// An answer on its way.
#[derive(Debug)]
pub struct RowStream {
    answer: QueryAnswer,
    format: RowFormat,
    /// Text that waits to be sent.
    text: String,
    is_done: bool,
    rows_came: Arc<Notify>,
}

impl RowStream {
    /// An answer with its beginning written.
    pub fn new(answer: QueryAnswer, format: RowFormat) -> Self {
        let mut text = String::new();
        format.head(&answer.head, &mut text);
        Self { answer, format, text, is_done: false, rows_came: Arc::default() }
    }

    /// Takes rows as long as there are any and the answer may still be sent whole. Blocks.
    pub fn collect(&mut self) {
        while !self.is_done && self.text.len() < WHOLE_BYTES_MAX && self.step() {}
    }

    /// Writes the rows there are; false when there are none yet.
    fn step(&mut self) -> bool {
        match self.answer.try_next() {
            Next::Rows(rows) => rows.iter().for_each(|row| self.format.row(row, &mut self.text)),
            Next::Nothing => return false,
            Next::End(message) => {
                self.format.end(message, &mut self.text);
                self.is_done = true;
            }
            Next::Failed(message) => {
                tracing::warn!(query = self.answer.head.query_id, error = message, "query failed");
                self.format.failed(&message, &mut self.text);
                self.is_done = true;
            }
        }
        true
    }

    /// The body: whole when all is collected, in chunks otherwise.
    pub fn into_body(mut self) -> Body {
        if self.is_done {
            return Body::from(self.text);
        }
        let rows_came = Arc::clone(&self.rows_came);
        self.answer.on_rows(Arc::new(move || rows_came.notify_one()));
        Body::from_stream(stream::unfold(Some(self), |rows| async { rows?.chunk().await }))
    }

    /// The next chunk, with what is left to send.
    async fn chunk(mut self) -> Option<(Result<Bytes, Infallible>, Option<Self>)> {
        loop {
            if !self.text.is_empty() {
                let chunk = Bytes::from(std::mem::take(&mut self.text));
                return Some((Ok(chunk), Some(self)));
            }
            if self.is_done {
                return None;
            }
            let rows_came = Arc::clone(&self.rows_came);
            let (next, found) = self.advance().await?;
            self = next;
            if !found {
                rows_came.notified().await;
            }
        }
    }

    /// One step; push queries only look into a queue, all others may read the disk.
    async fn advance(mut self) -> Option<(Self, bool)> {
        if self.answer.head.is_push {
            let found = self.step();
            return Some((self, found));
        }
        let stepped = blocking(move || {
            let found = self.step();
            (self, found)
        });
        stepped.await.ok()
    }
}
