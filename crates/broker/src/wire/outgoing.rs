//! A frame on its way to a client, in pieces: record batches are sent from where they lie, never
//! copied into one buffer. Written to the stream by vectored writes.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::sync::OwnedSemaphorePermit;

/// Shorter pieces are copied together, since each one costs a slot of a vectored write.
const PIECE_BYTES_MIN: usize = 4 << 10;
/// Bytes of the length in front of a frame.
const LENGTH_BYTES: usize = 4;

/// A whole frame.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    pieces: VecDeque<Bytes>,
    /// What its pieces keep alive, given back when the frame is sent or dropped.
    _memory: Option<OwnedSemaphorePermit>,
}

impl Outgoing {
    /// The same frame, which keeps `memory` as long as it is there.
    pub(crate) fn keeping(self, memory: Option<OwnedSemaphorePermit>) -> Self {
        Self { _memory: memory, ..self }
    }
}

impl From<Bytes> for Outgoing {
    fn from(frame: Bytes) -> Self {
        Self { pieces: VecDeque::from([frame]), _memory: None }
    }
}

impl Buf for Outgoing {
    fn remaining(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.pieces.front().map_or(&[], |piece| piece)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(piece) = self.pieces.front_mut() {
            if count < piece.len() {
                return piece.advance(count);
            }
            count -= piece.len();
            self.pieces.pop_front();
        }
        assert_eq!(count, 0, "nobody advances beyond the end of a frame");
    }
}

/// Makes an [`Outgoing`].
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    done: VecDeque<Bytes>,
    tail: BytesMut,
}

impl Pieces {
    /// Where fields are written to.
    pub(crate) fn fields(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Appends `bytes`, without copying them unless they are few.
    pub(crate) fn push(&mut self, bytes: &Bytes) {
        if bytes.len() < PIECE_BYTES_MIN {
            return self.tail.put_slice(bytes);
        }
        if !self.tail.is_empty() {
            self.done.push_back(self.tail.split().freeze());
        }
        self.done.push_back(bytes.clone());
    }

    /// The frame of everything appended, with its length in front.
    pub(crate) fn frame(mut self) -> Outgoing {
        self.done.push_back(self.tail.freeze());
        let length: usize = self.done.iter().map(Bytes::len).sum();
        let mut front = BytesMut::with_capacity(LENGTH_BYTES);
        // Answers are cut long before 2 GiB.
        front.put_u32(length as u32);
        self.done.push_front(front.freeze());
        Outgoing { pieces: self.done, _memory: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_out_in_order_however_they_are_taken() {
        let long = Bytes::from(vec![7; PIECE_BYTES_MIN]);
        let mut pieces = Pieces::default();
        pieces.fields().put_slice(b"head");
        pieces.push(&Bytes::from_static(b"short"));
        pieces.push(&long);
        pieces.push(&long);
        pieces.fields().put_slice(b"tail");
        let mut expected = BytesMut::new();
        expected.put_u32(2 * PIECE_BYTES_MIN as u32 + 13);
        expected.put_slice(b"headshort");
        expected.put_slice(&long);
        expected.put_slice(&long);
        expected.put_slice(b"tail");
        let mut frame = pieces.frame();
        assert!(frame.chunks_vectored(&mut [IoSlice::new(&[]); 8]) > 3);
        let mut taken = BytesMut::new();
        while frame.has_remaining() {
            let count = frame.chunk().len().min(1000);
            taken.put_slice(&frame.chunk()[..count]);
            frame.advance(count);
        }
        assert_eq!(taken, expected);
    }
}
