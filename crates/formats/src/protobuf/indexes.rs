//! The message indexes behind the registry's header: which message of the file the payload is.
//!
//! A count and that many indexes, all as zigzag varints; the first message (`[0]`) is a lone zero.

use super::wire::{Cursor, write_varint};
use crate::fault::{Decode, Fault};

/// Messages are nested this deep at most.
const DEPTH_MAX: usize = 64;

/// Appends the indexes.
pub fn write(indexes: &[i32], out: &mut Vec<u8>) {
    if indexes == [0] {
        out.push(0);
        return;
    }
    let zigzag = |value: i64| ((value << 1) ^ (value >> 63)).cast_unsigned();
    write_varint((indexes.len() as u64) << 1, out);
    indexes.iter().for_each(|index| write_varint(zigzag(i64::from(*index)), out));
}

/// Reads the indexes.
pub fn read(cursor: &mut Cursor<'_>) -> Decode<Vec<i32>> {
    let malformed = || Fault::new("Protobuf message indexes are malformed");
    let mut next = || {
        let raw = cursor.varint()?;
        i32::try_from((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()).map_err(|_| malformed())
    };
    let count = usize::try_from(next()?).map_err(|_| malformed())?;
    match count {
        0 => Ok(vec![0]),
        1..=DEPTH_MAX => (0..count).map(|_| next()).collect(),
        _ => Err(malformed()),
    }
}
