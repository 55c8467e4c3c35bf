//! Reads a query's rows ahead of whoever writes them, in a task of its own, so that the server, the
//! decoding of rows and their encoding as records work at the same time.

use mysql_async::prelude::Queryable;
use mysql_async::{BinaryProtocol, Conn, QueryResult, Row, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::connection::lost;
use crate::error::{Error, Result};

/// A chunk ends with this many rows,
const CHUNK_ROWS_MAX: usize = 512;
/// or with the row that brings it to this many bytes.
const CHUNK_BYTES_MAX: usize = 1 << 20;
/// Chunks that wait to be taken.
const CHUNKS_AHEAD_MAX: usize = 4;

/// A running query. Dropping it ends the query with its connection.
pub struct ReadAhead {
    chunks: mpsc::Receiver<Result<Vec<Row>>>,
    task: JoinHandle<Conn>,
}

impl ReadAhead {
    /// Runs `statement` over `conn`.
    pub fn start(conn: Conn, statement: String) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD_MAX);
        let task = tokio::spawn(run(conn, statement, sender));
        Self { chunks, task }
    }

    /// The next rows; `None` after the last. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When the query fails or the connection is lost.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>> {
        self.chunks.recv().await.transpose()
    }

    /// The connection, after the last row.
    ///
    /// # Errors
    /// When the task failed; then rows may be missing.
    pub async fn finish(self) -> Result<Conn> {
        self.task.await.map_err(|error| Error::Internal(error.to_string()))
    }
}

async fn run(mut conn: Conn, statement: String, chunks: mpsc::Sender<Result<Vec<Row>>>) -> Conn {
    if let Err(error) = send_all(&mut conn, statement, &chunks).await
        && chunks.send(Err(error)).await.is_err()
    {
        tracing::debug!("a query failed that nobody waits for any more");
    }
    conn
}

async fn send_all(
    conn: &mut Conn,
    statement: String,
    chunks: &mpsc::Sender<Result<Vec<Row>>>,
) -> Result<()> {
    let result = conn.exec_iter(statement, ()).await;
    let mut result = result.map_err(|error| lost("reading a table", &error))?;
    loop {
        let rows = fetch(&mut result).await?;
        if rows.is_empty() || chunks.send(Ok(rows)).await.is_err() {
            return Ok(());
        }
    }
}

async fn fetch(result: &mut QueryResult<'_, '_, BinaryProtocol>) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(CHUNK_ROWS_MAX);
    let mut bytes = 0;
    while rows.len() < CHUNK_ROWS_MAX && bytes < CHUNK_BYTES_MAX {
        match result.next().await.map_err(|error| lost("reading a table", &error))? {
            Some(row) => {
                bytes += size(&row);
                rows.push(row);
            }
            None => break,
        }
    }
    Ok(rows)
}

/// About the bytes that a row holds.
fn size(row: &Row) -> usize {
    let size = |value: Option<&Value>| match value {
        Some(Value::Bytes(bytes)) => bytes.len(),
        _ => size_of::<Value>(),
    };
    (0..row.len()).map(|at| size(row.as_ref(at))).sum()
}
