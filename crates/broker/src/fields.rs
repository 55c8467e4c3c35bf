//! The fields that Kafka's records of `__consumer_offsets` and `__transaction_state` are made of:
//! big-endian numbers, and strings, bytes and arrays behind their lengths. The compact forms (lengths as
//! unsigned varints, plus one) are those of Kafka's flexible versions. Used by groups and transactions;
//! requests and answers are the protocol crate's.

use std::sync::Arc;

use bytes::Bytes;

/// Writes fields.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(version: i16) -> Self {
        Self(version.to_be_bytes().to_vec())
    }

    pub(crate) fn finish(self) -> Bytes {
        self.0.into()
    }

    pub(crate) fn i8(&mut self, value: i8) {
        self.0.extend(value.to_be_bytes());
    }

    pub(crate) fn i16(&mut self, value: i16) {
        self.0.extend(value.to_be_bytes());
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.0.extend(value.to_be_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.0.extend(value.to_be_bytes());
    }

    pub(crate) fn uuid(&mut self, value: u128) {
        self.0.extend(value.to_be_bytes());
    }

    /// A string; requests bound their strings to the same 32 KiB.
    pub(crate) fn string(&mut self, text: &str) {
        self.i16(i16::try_from(text.len()).unwrap_or(i16::MAX));
        self.0.extend(&text.as_bytes()[..text.len().min(i16::MAX as usize)]);
    }

    pub(crate) fn nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.i16(-1),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn length(&mut self, length: usize) {
        self.i32(i32::try_from(length).unwrap_or(i32::MAX));
    }

    pub(crate) fn compact_length(&mut self, length: usize) {
        self.varint(length + 1);
    }

    /// An array, string or bytes that are null.
    pub(crate) fn compact_null(&mut self) {
        self.varint(0);
    }

    pub(crate) fn compact_string(&mut self, text: &str) {
        self.compact_length(text.len());
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn compact_bytes(&mut self, bytes: &[u8]) {
        self.compact_length(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn compact_nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.compact_string(text),
            None => self.compact_null(),
        }
    }

    /// The end of a flexible structure: no tagged fields.
    pub(crate) fn no_tags(&mut self) {
        self.tags(&[]);
    }

    /// The end of a flexible structure with tagged fields, which stand in the order of their tags.
    pub(crate) fn tags(&mut self, fields: &[(usize, Vec<u8>)]) {
        self.varint(fields.len());
        for (tag, bytes) in fields {
            self.varint(*tag);
            self.varint(bytes.len());
            self.0.extend(bytes);
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// Reads fields; `None` when the bytes end too early or make no sense.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn i8(&mut self) -> Option<i8> {
        Some(i8::from_be_bytes(self.take(1)?.try_into().ok()?))
    }

    pub(crate) fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(crate) fn uuid(&mut self) -> Option<u128> {
        Some(u128::from_be_bytes(self.take(16)?.try_into().ok()?))
    }

    pub(crate) fn string(&mut self) -> Option<Arc<str>> {
        self.nullable_string()?
    }

    pub(crate) fn nullable_string(&mut self) -> Option<Option<Arc<str>>> {
        match self.i16()? {
            -1 => Some(None),
            length => self.text(usize::try_from(length).ok()?).map(Some),
        }
    }

    pub(crate) fn bytes(&mut self) -> Option<Bytes> {
        let length = self.length()?;
        self.take(length).map(Bytes::copy_from_slice)
    }

    pub(crate) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.i32()?).ok()
    }

    pub(crate) fn compact_length(&mut self) -> Option<usize> {
        self.varint()?.checked_sub(1)
    }

    pub(crate) fn compact_bytes(&mut self) -> Option<Bytes> {
        let length = self.compact_length()?;
        self.take(length).map(Bytes::copy_from_slice)
    }

    pub(crate) fn compact_string(&mut self) -> Option<Arc<str>> {
        self.compact_nullable_string()?
    }

    pub(crate) fn compact_nullable_string(&mut self) -> Option<Option<Arc<str>>> {
        match self.varint()? {
            0 => Some(None),
            length => self.text(length - 1).map(Some),
        }
    }

    fn text(&mut self, length: usize) -> Option<Arc<str>> {
        std::str::from_utf8(self.take(length)?).ok().map(Arc::from)
    }

    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.take(1)? else { return None };
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// The length of an array that may be null, which counts as empty.
    pub(crate) fn nullable_length(&mut self) -> Option<usize> {
        Some(usize::try_from(self.i32()?).unwrap_or(0))
    }

    /// The same in compact form.
    pub(crate) fn compact_nullable_length(&mut self) -> Option<usize> {
        Some(self.varint()?.saturating_sub(1))
    }

    /// Passes over the tagged fields at the end of a flexible structure.
    pub(crate) fn skip_tags(&mut self) -> Option<()> {
        self.tags(|_, _| {})
    }

    /// Hands the tagged fields at the end of a flexible structure to `field`, by tag.
    pub(crate) fn tags(&mut self, mut field: impl FnMut(usize, &'a [u8])) -> Option<()> {
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()?;
            field(tag, self.take(length)?);
        }
        Some(())
    }
}
