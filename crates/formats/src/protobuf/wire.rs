//! Protobuf's wire format: varints, tags, length-prefixed bytes.

use super::model::Scalar;
use crate::fault::{Decode, Fault};

/// How a field's value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A varint.
    Varint = 0,
    /// Eight bytes.
    Fixed64 = 1,
    /// Bytes behind their length.
    Bytes = 2,
    /// Four bytes.
    Fixed32 = 5,
}

/// What is left of a payload.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
}

/// A field's value as it stands on the wire.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Any of the three numeric layouts.
    Number(u64),
    /// Length-prefixed bytes.
    Bytes(&'a [u8]),
}

fn too_short() -> Box<Fault> {
    Fault::new("Protobuf payload ends too early")
}

impl<'a> Cursor<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// A varint.
    pub fn varint(&mut self) -> Decode<u64> {
        let mut value = 0;
        for (index, &byte) in self.bytes.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.bytes.len() < 10 {
            too_short()
        } else {
            Fault::new("Protobuf varint is too long")
        })
    }

    fn array<const N: usize>(&mut self) -> Decode<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(*taken)
    }

    /// The next field: its number and value.
    pub fn field(&mut self) -> Decode<(u32, Raw<'a>)> {
        let tag = self.varint()?;
        let number =
            u32::try_from(tag >> 3).map_err(|_| Fault::new("Protobuf tag is too large"))?;
        let raw = match tag & 7 {
            0 => self.number(Wire::Varint)?,
            1 => self.number(Wire::Fixed64)?,
            5 => self.number(Wire::Fixed32)?,
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| too_short())?;
                let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(too_short)?;
                self.bytes = rest;
                return Ok((number, Raw::Bytes(taken)));
            }
            other => {
                return Err(Fault::new(format!("Protobuf wire type {other} is not supported")));
            }
        };
        Ok((number, Raw::Number(raw)))
    }

    /// One number of that layout.
    pub fn number(&mut self, wire: Wire) -> Decode<u64> {
        match wire {
            Wire::Varint => self.varint(),
            Wire::Fixed64 => self.array().map(u64::from_le_bytes),
            Wire::Fixed32 => self.array().map(|bytes| u64::from(u32::from_le_bytes(bytes))),
            Wire::Bytes => Err(Fault::new("Protobuf bytes where a number belongs")),
        }
    }
}

impl Scalar {
    /// The layout of the type.
    pub fn wire(self) -> Wire {
        match self {
            Self::Double | Self::Fixed64 | Self::Sfixed64 => Wire::Fixed64,
            Self::Float | Self::Fixed32 | Self::Sfixed32 => Wire::Fixed32,
            Self::String | Self::Bytes => Wire::Bytes,
            _ => Wire::Varint,
        }
    }

    /// The integer that `raw` spells; meaningless for floats.
    #[allow(clippy::cast_possible_truncation, reason = "32-bit types keep their low bits")]
    pub fn integer(self, raw: u64) -> i64 {
        let zigzag = (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed();
        match self {
            Self::Sint32 | Self::Sint64 => zigzag,
            Self::Int32 | Self::Sfixed32 => i64::from(raw as i32),
            Self::Uint32 | Self::Fixed32 => i64::from(raw as u32),
            _ => raw.cast_signed(),
        }
    }

    /// What stands on the wire for an integer.
    pub fn raw(self, value: i64) -> u64 {
        match self {
            Self::Sint32 | Self::Sint64 => ((value << 1) ^ (value >> 63)).cast_unsigned(),
            Self::Sfixed32 | Self::Fixed32 => value.cast_unsigned() & 0xffff_ffff,
            _ => value.cast_unsigned(),
        }
    }
}

/// Appends a varint.
pub fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a field's tag.
pub fn write_tag(number: u32, wire: Wire, out: &mut Vec<u8>) {
    write_varint(u64::from(number) << 3 | wire as u64, out);
}

/// Appends a number of that layout.
pub fn write_number(raw: u64, wire: Wire, out: &mut Vec<u8>) {
    let bytes = raw.to_le_bytes();
    match wire {
        Wire::Fixed64 => out.extend_from_slice(&bytes),
        Wire::Fixed32 => out.extend_from_slice(&bytes[..4]),
        Wire::Varint | Wire::Bytes => write_varint(raw, out),
    }
}

/// Appends length-prefixed bytes.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
