//! A segment of Apache Kafka, read batch by batch; each batch's checksum is verified. Never changes
//! the file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use commitlog::{Error, Result, SourceBatches};
use records::{Batch, HEADER_BYTES};

/// Bytes read at once.
const BUFFER_BYTES: usize = 1 << 20;
/// Where a batch says which format it has; it was there in older formats too.
const MAGIC_AT: usize = 16;
/// The only format that the log knows.
const MAGIC: u8 = 2;
/// What helps against a file that ends badly.
const REMEDY: &str = "start the broker, which mends it, stop it in order, and copy again";

/// A segment by its name.
#[derive(Debug)]
pub(super) struct SegmentFile {
    pub(super) path: PathBuf,
    /// The offset that it is named after.
    pub(super) base: i64,
}

impl SegmentFile {
    /// Its batches; after an error there are no more.
    pub(super) fn batches(&self) -> SourceBatches<'_> {
        match Walk::open(self) {
            Ok(walk) => Box::new(walk),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }
}

/// Goes from batch to batch.
struct Walk<'a> {
    path: &'a Path,
    file: BufReader<File>,
    length: u64,
    position: u64,
    /// No batch begins before it.
    next_offset: i64,
}

impl<'a> Walk<'a> {
    fn open(segment: &'a SegmentFile) -> Result<Self> {
        let path = &segment.path;
        #[allow(clippy::disallowed_methods, reason = "a file that the user names")]
        let file = File::open(path).map_err(|error| failed("open", path, &error))?;
        let metadata = file.metadata().map_err(|error| failed("measure", path, &error))?;
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok(Self { path, file, length: metadata.len(), position: 0, next_offset: segment.base })
    }

    fn read(&mut self) -> Result<Batch> {
        let left = self.length - self.position;
        let mut bytes = vec![0; HEADER_BYTES.min(usize::try_from(left).unwrap_or(HEADER_BYTES))];
        self.fill(&mut bytes)?;
        self.check_format(&bytes)?;
        let length = Batch::length_in(&bytes).map_err(|error| self.broken(error.to_string()))?;
        if length as u64 > left {
            let reason = format!("a batch of {length} bytes is cut off after {left}; {REMEDY}");
            return Err(self.broken(reason));
        }
        bytes.resize(length, 0);
        self.fill(&mut bytes[HEADER_BYTES..])?;
        let batch = Batch::parse(&Bytes::from(bytes));
        let batch = batch.map_err(|error| self.broken(error.to_string()))?;
        if batch.base_offset() < self.next_offset {
            let (offset, next) = (batch.base_offset(), self.next_offset);
            return Err(self.broken(format!("offset {offset} where {next} or more is due")));
        }
        self.next_offset = batch.last_offset() + 1;
        self.position += length as u64;
        Ok(batch)
    }

    /// Fails for what can't be a header of the known format, with what it is likely to be.
    fn check_format(&self, header: &[u8]) -> Result<()> {
        if header.iter().all(|byte| *byte == 0) {
            let reason = format!("there are only zeros, room that was never written to; {REMEDY}");
            return Err(self.broken(reason));
        }
        match header.get(MAGIC_AT) {
            Some(magic @ 0..MAGIC) => {
                let reason = format!(
                    "message format {magic} of brokers before 0.11; only format {MAGIC} is \
                     known. Have a broker of today write the topic anew"
                );
                Err(self.broken(reason))
            }
            _ if header.len() < HEADER_BYTES => {
                let reason = format!("a batch's header is cut off; {REMEDY}");
                Err(self.broken(reason))
            }
            _ => Ok(()),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.file.read_exact(bytes).map_err(|error| failed("read", self.path, &error))
    }

    fn broken(&self, reason: String) -> Error {
        let path = self.path.display().to_string();
        Error::CorruptFile { path, position: self.position, reason }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.length {
            return None;
        }
        let batch = self.read();
        if batch.is_err() {
            self.position = self.length;
        }
        Some(batch)
    }
}

fn failed(action: &'static str, path: &Path, error: &io::Error) -> Error {
    let (path, reason) = (path.display().to_string(), error.to_string());
    Error::Io { action, path, reason, kind: error.kind() }
}
