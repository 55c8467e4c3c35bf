//! Avro's binary primitives: zigzag varints, length-prefixed bytes, little-endian floats.

use crate::fault::{Decode, Fault};

/// What is left of a payload.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
}

fn too_short() -> Box<Fault> {
    Fault::new("Avro payload ends too early")
}

impl<'a> Cursor<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Decode<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Decode<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(*taken)
    }

    /// A boolean.
    pub fn boolean(&mut self) -> Decode<bool> {
        Ok(self.array::<1>()? != [0])
    }

    /// An int or long.
    pub fn long(&mut self) -> Decode<i64> {
        let mut value: u64 = 0;
        for (index, &byte) in self.bytes.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[index + 1..];
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(if self.bytes.len() < 10 { too_short() } else { Fault::new("Avro varint is too long") })
    }

    /// An int.
    pub fn int(&mut self) -> Decode<i32> {
        i32::try_from(self.long()?).map_err(|_| Fault::new("Avro int exceeds 32 bits"))
    }

    /// A float.
    pub fn float(&mut self) -> Decode<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A double.
    pub fn double(&mut self) -> Decode<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// Bytes or a string, as they are.
    pub fn prefixed(&mut self) -> Decode<&'a [u8]> {
        let length = self.long()?;
        let length = usize::try_from(length).map_err(|_| Fault::new("Avro length is negative"))?;
        self.take(length)
    }

    /// A string.
    pub fn string(&mut self) -> Decode<&'a str> {
        std::str::from_utf8(self.prefixed()?)
            .map_err(|error| Fault::new(format!("Avro string is no UTF-8: {error}")))
    }

    /// The index of a union's branch or an enum's symbol.
    pub fn index(&mut self) -> Decode<usize> {
        usize::try_from(self.long()?).map_err(|_| Fault::new("Avro index is negative"))
    }

    /// The number of items in the next block of an array or map; 0 ends it.
    pub fn block(&mut self) -> Decode<u64> {
        let count = self.long()?;
        if count < 0 {
            // A negative count is followed by the block's size in bytes.
            self.long()?;
        }
        // Items mostly take a byte each; those that take none (null) must not make a bad count loop.
        let count = count.unsigned_abs();
        if count > EMPTY_ITEMS_MAX.max(self.bytes.len() as u64) {
            return Err(Fault::new(format!("Avro block of {count} items is too large")));
        }
        Ok(count)
    }
}

/// Items a block may claim to hold beyond the bytes there are.
const EMPTY_ITEMS_MAX: u64 = 1 << 16;

/// Appends an int or long.
pub fn write_long(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends bytes or a string.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Appends a length or count.
pub fn write_length(length: usize, out: &mut Vec<u8>) {
    write_long(i64::try_from(length).expect("memory is smaller than 2^63"), out);
}
