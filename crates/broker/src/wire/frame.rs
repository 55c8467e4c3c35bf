//! Frames: a 32-bit length and that many bytes. Memory for a request is taken from a budget shared by
//! all connections before its bytes are read, and grows with what has arrived, not with what the
//! length promises.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::broker::MEMORY_PERMIT_BYTES;
use crate::{Error, Result};

/// Bytes by which a frame's buffer grows at most ahead of what has arrived.
const GROWTH_BYTES_MAX: usize = 1 << 20;

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

    /// The next frame, of at most `bytes_max` bytes; `None` when the client has closed the connection between two.
    ///
    /// # Errors
    /// `RequestTooLarge`, or `Connection` when it ends within a frame.
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
        let memory = self.take_memory(length).await?;
        let bytes = self.read(length).await?;
        Ok(Some(Frame { bytes, memory }))
    }

    /// A request may need more than the whole budget has; then it gets all of it, alone.
    async fn take_memory(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let whole = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let permits = u32::try_from(bytes.div_ceil(MEMORY_PERMIT_BYTES)).unwrap_or(whole).max(1);
        let taken = Arc::clone(&self.memory).acquire_many_owned(permits).await;
        taken.map_err(|_| Error::Log(commitlog::Error::Closed))
    }

    async fn read(&mut self, length: usize) -> Result<Bytes> {
        let mut bytes = BytesMut::with_capacity(length.min(GROWTH_BYTES_MAX));
        while bytes.len() < length {
            let missing = length - bytes.len();
            bytes.reserve(missing.min(GROWTH_BYTES_MAX));
            let mut limited = (&mut self.stream).take(missing as u64);
            if limited.read_buf(&mut bytes).await? == 0 {
                return Err(Error::Connection(std::io::ErrorKind::UnexpectedEof.into()));
            }
        }
        Ok(bytes.freeze())
    }
}
