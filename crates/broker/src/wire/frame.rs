//! Frames: a 32-bit length and that many bytes. Memory for a request is taken from a budget shared by
//! all connections before its bytes are read, piece by piece: it grows with what has arrived, not with
//! what the length promises, so that nobody takes memory from others without sending as much.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::broker::MEMORY_PERMIT_BYTES;
use crate::{Error, Result};

/// Bytes by which a frame's buffer grows at most ahead of what has arrived.
const GROWTH_BYTES_MAX: usize = 1 << 20;
/// Bytes for which there is memory before any has arrived.
const FIRST_BYTES_MAX: usize = 16 << 10;
/// How long a request that has arrived in part waits for memory for the rest. Two that wait for each
/// other's memory would wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// One request's bytes, with the memory they take from the budget.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Bytes,
    /// Given back when the frame is dropped.
    pub(crate) memory: OwnedSemaphorePermit,
}

/// Reads frames from a connection.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    stream: R,
    memory: Arc<Semaphore>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads frames from `stream`, within the budget `memory`.
    pub(crate) fn new(stream: R, memory: Arc<Semaphore>) -> Self {
        Self { stream, memory }
    }

    /// The next frame, of at most `bytes_max` bytes; `None` when the client has closed the connection
    /// between two.
    ///
    /// # Errors
    /// `RequestTooLarge`; `Congested` when others keep all memory; `Connection` when it ends within a
    /// frame.
    pub(crate) async fn next(&mut self, bytes_max: usize) -> Result<Option<Frame>> {
        let mut length = [0; 4];
        if self.stream.read(&mut length[..1]).await? == 0 {
            return Ok(None);
        }
        self.stream.read_exact(&mut length[1..]).await?;
        let length = i32::from_be_bytes(length);
        let too_large = || Error::RequestTooLarge { bytes: i64::from(length), bytes_max };
        let length = usize::try_from(length).map_err(|_| too_large())?;
        if length > bytes_max {
            return Err(too_large());
        }
        self.read(length).await.map(Some)
    }

    async fn read(&mut self, length: usize) -> Result<Frame> {
        let mut bytes = BytesMut::new();
        let mut memory = self.take_memory(piece(length, 0)).await?;
        loop {
            let more = piece(length, bytes.len());
            self.read_piece(&mut bytes, more).await?;
            if bytes.len() == length {
                return Ok(Frame { bytes: bytes.freeze(), memory });
            }
            let next = self.take_memory(piece(length, bytes.len()));
            let next = tokio::time::timeout(PATIENCE, next).await;
            memory.merge(next.map_err(|_| Error::Congested(length))??);
        }
    }

    async fn read_piece(&mut self, bytes: &mut BytesMut, piece: usize) -> Result<()> {
        let end = bytes.len() + piece;
        bytes.reserve(piece);
        while bytes.len() < end {
            let mut limited = (&mut self.stream).take((end - bytes.len()) as u64);
            if limited.read_buf(bytes).await? == 0 {
                return Err(Error::Connection(std::io::ErrorKind::UnexpectedEof.into()));
            }
        }
        Ok(())
    }

    async fn take_memory(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        // Pieces are small, so the number of permits is, too.
        let permits = bytes.div_ceil(MEMORY_PERMIT_BYTES).max(1) as u32;
        let taken = Arc::clone(&self.memory).acquire_many_owned(permits).await;
        taken.map_err(|_| Error::Log(commitlog::Error::Closed))
    }
}

/// How many bytes are read next of a frame of `length` bytes of which `arrived` are there: no more than
/// have arrived already, so that a client that only promises holds little memory.
fn piece(length: usize, arrived: usize) -> usize {
    (length - arrived).min(arrived.clamp(FIRST_BYTES_MAX, GROWTH_BYTES_MAX))
}
