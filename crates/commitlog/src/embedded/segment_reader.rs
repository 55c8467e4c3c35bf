//! Reads segments and checks all it reads: checksums of batches, and that their offsets follow each
//! other without gaps (compaction keeps it so). Thus no flipped byte goes unnoticed; an index that
//! points wrongly only costs time.

use bytes::Bytes;
use records::{Batch, HEADER_BYTES};
use types::Offset;

use super::files::{self, FileCache, Kind, corrupt};
use super::index::{self, OFFSET_ENTRY_BYTES};
use super::limits::{READ_AHEAD_BYTES_MAX, READ_BYTES_MAX};
use super::partition::Hint;
use super::segment::{self, Segment};
use crate::metrics::Metrics;
use crate::{Result, TimestampedOffset};

/// Bytes read at once when looking for a batch.
const STEP_BYTES: usize = 64 << 10;

/// Reads one segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentReader<'a> {
    pub(super) files: &'a FileCache,
    pub(super) metrics: &'a Metrics,
    /// The partition's directory.
    pub(super) directory: &'a str,
    pub(super) segment: &'a Segment,
}

/// A batch's place, known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    offset: i64,
    position: u64,
}

/// What a read found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) batches: Vec<Batch>,
    /// Where to go on.
    pub(super) next: Option<Hint>,
}

impl SegmentReader<'_> {
    fn path(&self, kind: Kind) -> String {
        segment::path(self.directory, self.segment.base, kind, "")
    }

    /// Batches from the one that holds `from` on, up to about `bytes_max`, at least one. `hint` is a
    /// place that an earlier read ended at.
    pub(super) fn read(&self, from: i64, bytes_max: usize, hint: Option<Hint>) -> Result<Found> {
        let place = match hint {
            Some(hint) => Place { offset: hint.offset, position: hint.position },
            None => self.place_before(from)?,
        };
        let mut walk = Walk::new(*self, place, bytes_max.clamp(HEADER_BYTES, READ_BYTES_MAX));
        let mut found = Found::default();
        let mut total = 0;
        while let Some(batch) = walk.next()? {
            if batch.last_offset() < from {
                continue;
            }
            total += batch.len();
            if total > bytes_max && !found.batches.is_empty() {
                walk.step_back(&batch);
                break;
            }
            found.batches.push(batch);
            if total >= bytes_max {
                break;
            }
        }
        let Place { offset, position } = walk.place;
        if hint.is_some() {
            self.announce_read(position, bytes_max);
        }
        found.next = Some(Hint { file: self.segment.file, offset, position });
        Ok(found)
    }

    /// A reader that goes from place to place will want the bytes at `position` next: the disk may
    /// fetch them while what was read is on its way. What was read is good whether the disk takes the hint
    /// or not; file systems and sandboxes may refuse it.
    fn announce_read(&self, position: u64, bytes_max: usize) {
        let left = self.segment.length.saturating_sub(position);
        let length = left.min(bytes_max.min(READ_AHEAD_BYTES_MAX) as u64);
        if length == 0 {
            return;
        }
        let opened = self.files.open(self.segment.file, Kind::Log, &self.path(Kind::Log));
        let _announced = opened.map(|file| file.announce_read(position, length));
    }

    /// Every batch of the segment from `from` on, in order, until `visit` says to stop.
    pub(super) fn scan(
        &self,
        from: i64,
        mut visit: impl FnMut(Batch) -> Result<bool>,
    ) -> Result<()> {
        let mut walk = Walk::new(*self, self.place_before(from)?, STEP_BYTES * 4);
        while let Some(batch) = walk.next()? {
            if batch.last_offset() >= from && !visit(batch)? {
                break;
            }
        }
        Ok(())
    }

    /// The place of a batch at or before the one that holds `from`, by the index if it is right.
    fn place_before(&self, from: i64) -> Result<Place> {
        let start = Place { offset: self.segment.base, position: 0 };
        let count = self.segment.index.bytes / OFFSET_ENTRY_BYTES as u64;
        let is_useless = count == 0 || self.files.is_damaged(self.segment.file);
        if is_useless || from <= self.segment.base {
            return Ok(start);
        }
        match self.indexed_place(count, from) {
            Ok(place) => Ok(place.unwrap_or(start)),
            Err(error) => {
                self.note_damaged(&error.to_string());
                Ok(start)
            }
        }
    }

    fn indexed_place(&self, count: u64, from: i64) -> Result<Option<Place>> {
        let path = self.path(Kind::Index);
        let file = self.files.open(self.segment.file, Kind::Index, &path)?;
        let found = index::find_offset(self.segment.base, count, from, |number| {
            let position = number * OFFSET_ENTRY_BYTES as u64;
            let bytes = files::read(&*file, &path, position, OFFSET_ENTRY_BYTES)?;
            let entry = bytes.as_ref().try_into();
            entry.map_err(|_| corrupt(&path, position, "the index is cut short"))
        })?;
        let Some(indexed) = found else { return Ok(None) };
        // The entry proves itself: a batch with that last offset has to stand there.
        let position = indexed.position;
        let header = self.bytes(position, HEADER_BYTES)?;
        let length = Batch::length_in(&header).unwrap_or(usize::MAX);
        let inside = (length as u64).saturating_add(position) <= self.segment.length;
        let batch = inside.then(|| self.bytes(position, length)).transpose()?;
        match batch.as_ref().map(Batch::parse) {
            Some(Ok(batch)) if batch.last_offset() == indexed.last_offset => {
                Ok(Some(Place { offset: batch.base_offset(), position }))
            }
            _ => Err(corrupt(&path, 0, format!("no batch where it points to, {position}"))),
        }
    }

    /// The first record at or after `timestamp_ms` and `from`, if the segment holds one.
    pub(super) fn find_timestamp(
        &self,
        timestamp_ms: i64,
        from: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let behind = self.indexed_timestamp(timestamp_ms).map_or(from, |offset| from.max(offset));
        let mut found = None;
        self.scan(behind, |batch| {
            found = first_at(&batch, timestamp_ms, from)
                .map_err(|error| corrupt(&self.path(Kind::Log), 0, error.to_string()))?;
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    /// An offset up to which all records are older than `timestamp_ms`, if the time index knows one.
    /// The time index cannot be checked against the log, so all of it is checked by its checksum.
    fn indexed_timestamp(&self, timestamp_ms: i64) -> Option<i64> {
        let state = self.segment.time_index;
        if state.bytes == 0 || self.files.is_damaged(self.segment.file) {
            return None;
        }
        let path = self.path(Kind::TimeIndex);
        let file = self.files.open(self.segment.file, Kind::TimeIndex, &path).ok()?;
        let index = files::read(&*file, &path, 0, state.bytes as usize).ok()?;
        if index.len() as u64 != state.bytes || crc32c::crc32c(&index) != state.checksum {
            self.note_damaged(&format!("the checksum of {path} does not match"));
            return None;
        }
        index::find_timestamp(self.segment.base, &index, timestamp_ms)
    }

    /// Reads go on without the segment's indexes until the keeper has mended them.
    fn note_damaged(&self, reason: &str) {
        if self.files.note_damaged(self.segment.file) {
            tracing::warn!(reason, "reading a segment without its indexes");
            self.metrics.damaged_indexes.add(1);
        }
    }

    /// `length` bytes of the log from `position` on, fewer only at its end.
    fn bytes(&self, position: u64, length: usize) -> Result<Bytes> {
        let left = self.segment.length.saturating_sub(position);
        let length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
        let path = self.path(Kind::Log);
        let file = self.files.open(self.segment.file, Kind::Log, &path)?;
        let bytes = files::read(&*file, &path, position, length)?;
        if bytes.len() < length {
            let end = position + bytes.len() as u64;
            return Err(corrupt(&path, end, "the file is shorter than what was written"));
        }
        self.metrics.segment_read_bytes.add(length as u64);
        Ok(bytes)
    }
}

/// The first record of `batch` at or after `timestamp_ms` and `from`.
pub(super) fn first_at(
    batch: &Batch,
    timestamp_ms: i64,
    from: i64,
) -> records::Result<Option<TimestampedOffset>> {
    if batch.max_timestamp_ms() < timestamp_ms {
        return Ok(None);
    }
    let records = batch.records()?;
    let wanted =
        |record: &records::Record<'_>| record.timestamp_ms >= timestamp_ms && record.offset >= from;
    let found = records.iter().find(wanted);
    Ok(found.map(|record| TimestampedOffset {
        offset: Offset(record.offset),
        timestamp_ms: record.timestamp_ms,
    }))
}

/// Goes from batch to batch, reading ahead by pieces.
#[derive(Debug)]
struct Walk<'a> {
    reader: SegmentReader<'a>,
    /// Where the next batch has to be.
    place: Place,
    piece: Bytes,
    piece_bytes: usize,
}

impl<'a> Walk<'a> {
    fn new(reader: SegmentReader<'a>, place: Place, piece_bytes: usize) -> Self {
        let piece_bytes = piece_bytes.max(STEP_BYTES);
        Self { reader, place, piece: Bytes::new(), piece_bytes }
    }

    fn next(&mut self) -> Result<Option<Batch>> {
        if self.place.position >= self.reader.segment.length {
            return self.check_end().map(|()| None);
        }
        self.fill(HEADER_BYTES)?;
        let length = Batch::length_in(&self.piece).map_err(|error| self.broken(&error))?;
        self.fill(length)?;
        let batch = Batch::parse(&self.piece).map_err(|error| self.broken(&error))?;
        if batch.base_offset() != self.place.offset {
            let Place { offset, position } = self.place;
            let path = self.reader.path(Kind::Log);
            let reason =
                format!("a batch starts at offset {} instead of {offset}", batch.base_offset());
            return Err(corrupt(&path, position, reason));
        }
        self.piece = self.piece.slice(batch.len()..);
        self.place.position += batch.len() as u64;
        self.place.offset = batch.last_offset() + 1;
        Ok(Some(batch))
    }

    /// Goes back to before `batch`, the last one returned.
    fn step_back(&mut self, batch: &Batch) {
        self.place.position -= batch.len() as u64;
        self.place.offset = batch.base_offset();
        self.piece = Bytes::new();
    }

    /// Makes `wanted` bytes available, or as many as there are.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        if self.piece.len() >= wanted {
            return Ok(());
        }
        let left = self.reader.segment.length - self.place.position;
        if wanted as u64 > left {
            let path = self.reader.path(Kind::Log);
            return Err(corrupt(&path, self.place.position, "a batch reaches beyond the end"));
        }
        self.piece = self.reader.bytes(self.place.position, wanted.max(self.piece_bytes))?;
        Ok(())
    }

    fn check_end(&self) -> Result<()> {
        let Segment { end, length, .. } = *self.reader.segment;
        if self.place.offset == end {
            return Ok(());
        }
        let path = self.reader.path(Kind::Log);
        Err(corrupt(&path, length, format!("ends at offset {} of {end}", self.place.offset)))
    }

    fn broken(&self, error: &records::Error) -> crate::Error {
        corrupt(&self.reader.path(Kind::Log), self.place.position, error.to_string())
    }
}
