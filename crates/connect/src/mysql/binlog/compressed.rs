//! MariaDB's compressed events and columns (`log_bin_compress`).
//!
//! Layout: one byte (high bit set; bits 4-6 the algorithm, 0 = zlib; bits 0-2 the number of bytes of
//! the length), the unpacked length, big-endian, then the packed bytes.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::reader::Reader;
use crate::error::{Error, Result};

/// No event is larger: the servers' limit of a packet.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// Unpacks `packed`.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader(packed);
    let head = reader.byte()?;
    if head & 0x80 == 0 || head & 0x70 != 0 {
        return Err(Error::Malformed(format!("unknown compression {head:#x}")));
    }
    let length = reader.big(usize::from(head & 0x07))?;
    if length > UNPACKED_BYTES_MAX {
        return Err(Error::Malformed(format!("a compressed event of {length} bytes")));
    }
    let mut unpacked = Vec::with_capacity(length as usize);
    let malformed = |error: std::io::Error| Error::Malformed(error.to_string());
    ZlibDecoder::new(reader.0).take(length).read_to_end(&mut unpacked).map_err(malformed)?;
    if unpacked.len() as u64 == length {
        Ok(unpacked)
    } else {
        Err(Error::Malformed("a compressed event ends early".to_owned()))
    }
}
