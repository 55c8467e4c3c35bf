//! Appends batches to a partition's segments with their indexes, and rolls segments. Used by the
//! keeper alone: nobody else writes segments. Nothing written counts before the checkpoint that
//! names it, so a failure half-way leaves only bytes that the next attempt overwrites.

use records::Batch;
use types::seams::{Directory, File, OpenMode};

use super::files::{self, FileCache, Kind, failed};
use super::index;
use super::limits::{INDEX_INTERVAL_BYTES, UNSYNCED_BYTES_MAX};
use super::segment::{self, IndexState, Segment};
use super::txn_index;
use super::unsynced::{self, Unsynced};
use crate::producers::Ledger;
use crate::{Error, Result, TopicConfig};

/// Batches are gathered to writes of about this size.
const BUFFER_BYTES: usize = 1 << 20;

/// Where segments go and when they are rolled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) directory: &'a dyn Directory,
    pub(super) files: &'a FileCache,
    /// The partition's directory.
    pub(super) path: &'a str,
    /// What new files' names end in, until they are moved into their place.
    pub(super) suffix: &'a str,
    pub(super) config: &'a TopicConfig,
    /// When the writing began.
    pub(super) now_ms: i64,
    /// Knows the aborted transactions among the batches.
    pub(super) ledger: Option<&'a Ledger>,
}

/// Writes to the end of a partition.
#[derive(Debug)]
pub(super) struct SegmentWriter<'a> {
    target: Target<'a>,
    done: Vec<Segment>,
    open: Option<OpenSegment>,
    /// Whether its directory has new names, and thus exists.
    created: bool,
}

impl<'a> SegmentWriter<'a> {
    /// A writer of new segments.
    pub(super) fn new(target: Target<'a>) -> Self {
        Self { target, done: Vec::new(), open: None, created: false }
    }

    /// A writer that goes on behind `last`, the partition's last segment. Should that be damaged, it
    /// stays as it is for readers to complain about, and writing goes on in a new segment.
    pub(super) fn behind(target: Target<'a>, last: Segment) -> Result<Self> {
        let mut writer = Self::new(target);
        match OpenSegment::try_new(target, last.clone()) {
            Ok(open) => writer.open = Some(open),
            Err(error) if is_damage(&error) => {
                tracing::error!(%error, "cannot go on in a damaged segment");
                writer.done.push(last);
            }
            Err(error) => return Err(error),
        }
        Ok(writer)
    }

    /// Appends `batch`, rolling to a new segment when it is time.
    pub(super) fn append(&mut self, batch: &Batch) -> Result<()> {
        let Target { config, now_ms, .. } = self.target;
        if self.open.as_ref().is_some_and(|open| open.segment.is_full(batch, config, now_ms)) {
            self.roll()?;
        }
        if self.open.is_none() {
            self.start(batch.base_offset())?;
        }
        match &mut self.open {
            Some(open) => {
                open.append(batch, now_ms)?;
                self.created |= open.index_transaction(self.target, batch)?;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Ends the current segment; the next batch starts a new one.
    pub(super) fn roll(&mut self) -> Result<()> {
        if let Some(mut open) = self.open.take() {
            open.index_timestamp();
            let (segment, unsynced) = open.finish()?;
            unsynced::sync_all(self.target.directory, &unsynced, false)?;
            self.done.push(segment);
        }
        Ok(())
    }

    fn start(&mut self, base: i64) -> Result<()> {
        if !std::mem::replace(&mut self.created, true) {
            let path = self.target.path;
            let created = self.target.directory.create_directory(path);
            created.map_err(|error| failed("create", path, &error))?;
        }
        let segment = Segment::new(self.target.files.new_id(), base);
        self.open = Some(OpenSegment::try_new(self.target, segment)?);
        Ok(())
    }

    /// Syncs everything; returns the segments written to, the current one last.
    pub(super) fn finish(self) -> Result<Vec<Segment>> {
        let directory = self.target.directory;
        let (segments, unsynced) = self.finish_unsynced()?;
        unsynced::sync_all(directory, &unsynced, false)?;
        Ok(segments)
    }

    /// Writes everything; returns the segments written to, the current one last, and what is still to
    /// be synced before they count.
    pub(super) fn finish_unsynced(mut self) -> Result<(Vec<Segment>, Vec<Unsynced>)> {
        let mut unsynced = Vec::new();
        if let Some(open) = self.open.take() {
            let (segment, files) = open.finish()?;
            self.done.push(segment);
            unsynced.extend(files);
        }
        if self.created {
            unsynced.push(Unsynced::Directory { path: self.target.path.to_owned() });
        }
        Ok((self.done, unsynced))
    }
}

fn is_damage(error: &Error) -> bool {
    match error {
        Error::CorruptFile { .. } => true,
        Error::Io { kind, .. } => *kind == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// A segment being written to.
#[derive(Debug)]
struct OpenSegment {
    segment: Segment,
    log: Output,
    index: Output,
    time_index: Output,
    /// Open only when something is written to it.
    txn_index: Option<Output>,
}

impl OpenSegment {
    fn try_new(target: Target<'_>, segment: Segment) -> Result<Self> {
        let open = |kind, length| {
            let path = segment::path(target.path, segment.base, kind, target.suffix);
            Output::try_new(target.directory, path, length)
        };
        Ok(Self {
            log: open(Kind::Log, segment.length)?,
            index: open(Kind::Index, segment.index.bytes)?,
            time_index: open(Kind::TimeIndex, segment.time_index.bytes)?,
            txn_index: None,
            segment,
        })
    }

    fn append(&mut self, batch: &Batch, now_ms: i64) -> Result<()> {
        let segment = &mut self.segment;
        let position = segment.length;
        segment.extend(batch, now_ms);
        let due = segment.unindexed_bytes > INDEX_INTERVAL_BYTES;
        if due {
            let entry = index::offset_entry(segment.base, batch.last_offset(), position);
            put(&mut self.index, &mut segment.index, &entry)?;
            segment.unindexed_bytes = 0;
        }
        segment.unindexed_bytes += batch.len() as u64;
        self.log.put(batch.bytes())?;
        if due {
            self.index_timestamp();
        }
        Ok(())
    }

    /// Notes the aborted transaction whose marker `batch` is; says whether that made a new file.
    fn index_transaction(&mut self, target: Target<'_>, batch: &Batch) -> Result<bool> {
        let Some(entry) = txn_index::entry(batch, target.ledger) else { return Ok(false) };
        let mut output = match self.txn_index.take() {
            Some(output) => output,
            None => self.open_txn_index(target)?,
        };
        output.put(&entry)?;
        self.txn_index = Some(output);
        self.segment.txn_index_bytes += entry.len() as u64;
        Ok(self.segment.txn_index_bytes == entry.len() as u64)
    }

    /// Should the index be damaged it begins anew: only tools miss what it held.
    fn open_txn_index(&mut self, target: Target<'_>) -> Result<Output> {
        let path = segment::path(target.path, self.segment.base, Kind::TxnIndex, target.suffix);
        let length = self.segment.txn_index_bytes;
        match Output::try_new(target.directory, path.clone(), length) {
            Err(error) if is_damage(&error) => {
                tracing::warn!(%error, "writing an index of aborted transactions anew");
                self.segment.txn_index_bytes = 0;
                Output::try_new(target.directory, path, 0)
            }
            opened => opened,
        }
    }

    /// Notes the greatest timestamp so far in the time index, unless it stands there already.
    fn index_timestamp(&mut self) {
        let segment = &mut self.segment;
        if segment.max_timestamp_ms > segment.indexed_timestamp_ms {
            let (timestamp_ms, offset) = (segment.max_timestamp_ms, segment.max_timestamp_offset);
            let entry = index::time_entry(segment.base, timestamp_ms, offset);
            segment.time_index = segment.time_index.with(&entry);
            self.time_index.buffer.extend_from_slice(&entry);
            segment.indexed_timestamp_ms = timestamp_ms;
        }
    }

    /// Writes what is gathered; returns the files that have new bytes.
    fn finish(self) -> Result<(Segment, Vec<Unsynced>)> {
        let mut unsynced = Vec::with_capacity(4);
        let outputs = [self.log, self.index, self.time_index].into_iter().chain(self.txn_index);
        for mut output in outputs {
            output.write()?;
            if output.has_written {
                unsynced.push(Unsynced::File { file: output.file, path: output.path });
            }
        }
        Ok((self.segment, unsynced))
    }
}

fn put(output: &mut Output, state: &mut IndexState, entry: &[u8]) -> Result<()> {
    *state = state.with(entry);
    output.put(entry)
}

/// A file written at its end.
#[derive(Debug)]
struct Output {
    file: Box<dyn File>,
    path: String,
    position: u64,
    buffer: Vec<u8>,
    has_written: bool,
    /// Bytes written since the last sync.
    unsynced_bytes: usize,
}

impl Output {
    /// Opens or creates `path` to go on behind its first `length` bytes. What an attempt that failed
    /// or a crash left behind them is cut off.
    fn try_new(directory: &dyn Directory, path: String, length: u64) -> Result<Self> {
        let mode = if length == 0 { OpenMode::Create } else { OpenMode::Write };
        let file = files::open(directory, &path, mode)?;
        let there = file.length().map_err(|error| failed("measure", &path, &error))?;
        if there < length {
            return Err(files::corrupt(&path, there, "the file is shorter than what was written"));
        }
        if there > length {
            file.set_length(length).map_err(|error| failed("cut", &path, &error))?;
        }
        let (position, buffer) = (length, Vec::new());
        Ok(Self { file, path, position, buffer, has_written: false, unsynced_bytes: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.buffer.is_empty() && self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.write()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_at(&self.buffer, self.position) {
            // What a full disk took of it would leave no room for a checkpoint, which can make some.
            let _cut = self.file.set_length(self.position);
            return Err(failed("write", &self.path, &error));
        }
        self.has_written = true;
        self.position += self.buffer.len() as u64;
        self.unsynced_bytes += self.buffer.len();
        self.buffer.clear();
        if self.unsynced_bytes >= UNSYNCED_BYTES_MAX {
            files::sync(&*self.file, &self.path)?;
            self.unsynced_bytes = 0;
        }
        Ok(())
    }
}
