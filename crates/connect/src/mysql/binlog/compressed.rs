//! MariaDB's compressed events (`log_bin_compress`) and columns (`COMPRESSED`).
//!
//! Layout: one byte (high bit set; bits 4-6 the algorithm, 0 = deflate; bit 3 set where zlib's frame is
//! left out, as columns do; bits 0-2 the number of bytes of the length), the unpacked length,
//! big-endian, then the packed bytes.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};

use super::reader::Reader;
use crate::error::{Error, Result};

/// No event is larger: the servers' limit of a packet.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// The bit of the head that says that zlib's frame is left out.
const WITHOUT_FRAME: u8 = 0x08;

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
    let unpacked = match head & WITHOUT_FRAME {
        0 => inflate(ZlibDecoder::new(reader.0), length)?,
        _ => inflate(DeflateDecoder::new(reader.0), length)?,
    };
    if unpacked.len() as u64 == length {
        Ok(unpacked)
    } else {
        Err(Error::Malformed("a compressed event ends early".to_owned()))
    }
}

fn inflate(decoder: impl Read, length: u64) -> Result<Vec<u8>> {
    let mut unpacked = Vec::with_capacity(length as usize);
    let malformed = |error: std::io::Error| Error::Malformed(error.to_string());
    decoder.take(length).read_to_end(&mut unpacked).map_err(malformed)?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::Compression;
    use flate2::read::{DeflateEncoder, ZlibEncoder};

    use super::unpack;

    #[test]
    fn with_and_without_a_frame() {
        let text = "long ".repeat(100).into_bytes();
        let (mut framed, mut bare) = (vec![0x82, 1, 0xf4], vec![0x8a, 1, 0xf4]);
        ZlibEncoder::new(&text[..], Compression::fast()).read_to_end(&mut framed).unwrap();
        DeflateEncoder::new(&text[..], Compression::fast()).read_to_end(&mut bare).unwrap();
        assert_eq!(unpack(&framed).unwrap(), text);
        assert_eq!(unpack(&bare).unwrap(), text);
        bare[0] = 0x82;
        assert!(unpack(&bare).is_err());
        framed[2] = 0xf5;
        assert!(unpack(&framed).is_err(), "shorter than it says");
    }
}
