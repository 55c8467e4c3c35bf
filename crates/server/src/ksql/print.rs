//! PRINT over REST: the lines of a topic's records as plain text.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::{ErrorCode, NextLines, PrintAnswer, Request};
use futures_util::stream;
use tokio::sync::{Notify, watch};

use super::refusal::Refusal;
use super::routes::Ksql;
use super::row_format::delimited_error;
use crate::http::{Media, blocking};

/// Whether the text begins with the word PRINT, comments aside.
pub fn is_print(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let skipped = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, behind)| behind)
        } else {
            let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next();
            return word.is_some_and(|word| word.eq_ignore_ascii_case("print"));
        };
        rest = skipped.trim_start();
    }
}

/// Starts a PRINT and answers with its lines.
pub async fn response(ksql: &Ksql, request: Request, media: Media) -> Result<Response, Refusal> {
    let engine = ksql.engine();
    let answer = blocking(move || engine.print(&request)).await??;
    let lines = LineStream::new(answer, ksql.stop.clone());
    let body = Body::from_stream(stream::unfold(Some(lines), |lines| async {
        let (chunk, rest) = lines?.chunk().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), rest))
    }));
    Ok(([(CONTENT_TYPE, media.name())], body).into_response())
}

/// Lines on their way.
#[derive(Debug)]
pub struct LineStream {
    answer: PrintAnswer,
    is_done: bool,
    lines_came: Arc<Notify>,
    /// Becomes true when the server stops: topics never end by themselves.
    stop: watch::Receiver<bool>,
}

impl LineStream {
    /// The lines of an answer, until the server stops.
    pub fn new(mut answer: PrintAnswer, stop: watch::Receiver<bool>) -> Self {
        let lines_came = Arc::new(Notify::new());
        let woken = Arc::clone(&lines_came);
        answer.on_lines(Arc::new(move || woken.notify_one()));
        Self { answer, is_done: false, lines_came, stop }
    }

    /// The next lines as text, with what is left; `None` at the end.
    pub async fn chunk(mut self) -> Option<(String, Option<Self>)> {
        loop {
            if self.is_done {
                return None;
            }
            let taken = blocking(move || {
                let next = self.answer.try_next();
                (self, next)
            });
            let (rest, next) = taken.await.ok()?;
            self = rest;
            match next {
                NextLines::Lines(lines) => return Some((text(&lines), Some(self))),
                NextLines::Nothing => self.wait().await,
                NextLines::End => self.is_done = true,
                NextLines::Failed(message) => {
                    self.is_done = true;
                    let refusal = Refusal::new(ErrorCode::ServerError, message);
                    return Some((delimited_error(&refusal), Some(self)));
                }
            }
        }
    }

    async fn wait(&mut self) {
        tokio::select! {
            () = self.lines_came.notified() => {}
            _ = self.stop.wait_for(|stop| *stop) => self.is_done = true,
        }
    }
}

fn text(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::is_print;

    #[test]
    fn print_is_told_from_other_statements() {
        assert!(is_print(" -- x\n/* y */ print 't' FROM BEGINNING;"));
        assert!(is_print("PRINT t;"));
        assert!(!is_print("SELECT PRINT FROM t;"));
        assert!(!is_print("PRINTS t;"));
        assert!(!is_print("-- print"));
        assert!(!is_print("/* print"));
        assert!(!is_print(""));
    }
}
