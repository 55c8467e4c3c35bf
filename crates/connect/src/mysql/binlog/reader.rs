//! A cursor over event bytes that never reads past the end.

use crate::error::{Error, Result};

/// Bytes still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// Takes `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.0.split_at_checked(count) else {
            return Err(Error::Malformed(format!("{count} bytes wanted, {} left", self.0.len())));
        };
        self.0 = rest;
        Ok(taken)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned integer of `bytes` bytes (at most 8), little-endian.
    pub fn little(&mut self, bytes: usize) -> Result<u64> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// An unsigned integer of `bytes` bytes (at most 8), big-endian.
    pub fn big(&mut self, bytes: usize) -> Result<u64> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// A signed integer of `bytes` bytes (1 to 8), little-endian.
    pub fn signed(&mut self, bytes: usize) -> Result<i64> {
        let shift = 64 - 8 * bytes as u32;
        Ok(((self.little(bytes)? << shift) as i64) >> shift)
    }

    /// A length-encoded integer.
    pub fn packed(&mut self) -> Result<u64> {
        match self.byte()? {
            0xfc => self.little(2),
            0xfd => self.little(3),
            0xfe => self.little(8),
            small => Ok(u64::from(small)),
        }
    }

    /// Bytes after their length of `bytes` bytes.
    pub fn prefixed(&mut self, bytes: usize) -> Result<&'a [u8]> {
        let length = self.little(bytes)?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }
}
