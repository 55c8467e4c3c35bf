//! The records of a batch: unpacked once, checked once, then walked without any allocation.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::varint::Reader;
use crate::{Batch, Error, Result};

/// What the records of one batch may unpack to: 256 MiB.
pub const UNPACKED_BYTES_MAX: usize = 256 << 20;
/// The timestamp of a record that has none.
pub const NO_TIMESTAMP_MS: i64 = -1;

/// The unpacked records of one batch.
#[derive(Clone, Debug)]
pub struct Records {
    bytes: Bytes,
    base: Base,
    count: usize,
    summary: Summary,
}

/// What the check of all records shows by the way.
#[derive(Clone, Debug)]
struct Summary {
    are_keyed: bool,
    /// From the least to the greatest of the records that have one.
    timestamps_ms: Option<RangeInclusive<i64>>,
}

/// What the fields of a record are relative to.
#[derive(Clone, Copy, Debug)]
struct Base {
    offset: i64,
    timestamp_ms: i64,
    /// The time all records bear instead of their own.
    append_time_ms: Option<i64>,
}

impl Records {
    /// Checks every record of `batch`, unpacked to `bytes`.
    pub(crate) fn try_new(batch: &Batch, bytes: Bytes) -> Result<Self> {
        let base = Base {
            offset: batch.base_offset(),
            timestamp_ms: batch.base_timestamp_ms(),
            append_time_ms: batch.is_append_time().then(|| batch.max_timestamp_ms()),
        };
        let count = usize::try_from(batch.record_count())
            .map_err(|_| Error::Malformed("negative record count"))?;
        let summary = check(&bytes, count, base, batch.last_offset_delta())?;
        Ok(Self { bytes, base, count, summary })
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether every record has a key.
    pub fn are_keyed(&self) -> bool {
        self.summary.are_keyed
    }

    /// From the least to the greatest timestamp of those records that have one, if any has.
    pub fn timestamps_ms(&self) -> Option<RangeInclusive<i64>> {
        self.summary.timestamps_ms.clone()
    }

    /// What the header of their batch says when it is right: the greatest timestamp.
    pub fn max_timestamp_ms(&self) -> i64 {
        let greatest = self.summary.timestamps_ms.as_ref().map(|timestamps_ms| timestamps_ms.end());
        greatest.map_or(NO_TIMESTAMP_MS, |greatest| NO_TIMESTAMP_MS.max(*greatest))
    }

    /// The records in order of their offsets.
    pub fn iter(&self) -> Iter<'_> {
        Iter { reader: Reader::new(&self.bytes), base: self.base, left: self.count }
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = Record<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Summary {
    /// Of no record yet.
    fn empty() -> Self {
        Self { are_keyed: true, timestamps_ms: None }
    }

    fn add(&mut self, record: &Record<'_>) {
        self.are_keyed &= record.key.is_some();
        if record.timestamp_ms != NO_TIMESTAMP_MS {
            let timestamp_ms = record.timestamp_ms;
            self.timestamps_ms = Some(match &self.timestamps_ms {
                None => timestamp_ms..=timestamp_ms,
                Some(others) => timestamp_ms.min(*others.start())..=timestamp_ms.max(*others.end()),
            });
        }
    }
}

fn check(bytes: &[u8], count: usize, base: Base, last_offset_delta: i32) -> Result<Summary> {
    let mut reader = Reader::new(bytes);
    let mut previous = base.offset - 1;
    let mut summary = Summary::empty();
    for _ in 0..count {
        let record = parse(&mut reader, base).ok_or(Error::Malformed("a record is cut short"))?;
        if record.offset <= previous {
            return Err(Error::Malformed("offsets of records do not grow"));
        }
        previous = record.offset;
        summary.add(&record);
        check_headers(record.headers())?;
    }
    if previous > base.offset + i64::from(last_offset_delta) {
        return Err(Error::Malformed("a record lies beyond the last offset"));
    }
    if !reader.is_empty() {
        return Err(Error::Malformed("bytes after the last record"));
    }
    Ok(summary)
}

fn check_headers(mut headers: Headers<'_>) -> Result<()> {
    while headers.left > 0 {
        headers.next().ok_or(Error::Malformed("a record header is broken or not UTF-8"))?;
    }
    if !headers.reader.is_empty() {
        return Err(Error::Malformed("bytes after the headers of a record"));
    }
    Ok(())
}

fn parse<'a>(reader: &mut Reader<'a>, base: Base) -> Option<Record<'a>> {
    let mut body = Reader::new(reader.bytes()?);
    let _attributes = body.byte()?;
    let timestamp_delta = body.varlong()?;
    let offset_delta = body.varint()?;
    let key = body.nullable_bytes()?;
    let value = body.nullable_bytes()?;
    let headers = usize::try_from(body.varint()?).ok()?;
    Some(Record {
        offset: base.offset.checked_add(i64::from(offset_delta))?,
        timestamp_ms: match base.append_time_ms {
            Some(append_time_ms) => append_time_ms,
            None => base.timestamp_ms.wrapping_add(timestamp_delta),
        },
        key,
        value,
        headers: Headers { reader: body, left: headers },
    })
}

/// Walks over the records of a batch.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    reader: Reader<'a>,
    base: Base,
    left: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        self.left = self.left.checked_sub(1)?;
        // Checked when `Records` was made, so it is always there.
        parse(&mut self.reader, self.base)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// One record, borrowed from its [`Records`].
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its offset in the partition.
    pub offset: i64,
    /// Its time in milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Its key; `None` is null.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` is null, a tombstone in compacted topics.
    pub value: Option<&'a [u8]>,
    headers: Headers<'a>,
}

impl<'a> Record<'a> {
    /// Its headers in order.
    pub fn headers(&self) -> Headers<'a> {
        self.headers
    }
}

/// A header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name.
    pub key: &'a str,
    /// The value; `None` is null.
    pub value: Option<&'a [u8]>,
}

/// Walks over the headers of a record.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        self.left = self.left.checked_sub(1)?;
        let key = std::str::from_utf8(self.reader.bytes()?).ok()?;
        Some(Header { key, value: self.reader.nullable_bytes()? })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Headers<'_> {}
