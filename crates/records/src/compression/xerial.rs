//! Snappy as Kafka's Java clients frame it (the snappy-java stream): a 16-byte header (magic,
//! version 1, oldest compatible version 1), then chunks of a big-endian length and a raw Snappy
//! block. Other clients write one raw block without any frame; reading accepts both.

use crate::{Error, Result, layout};

use super::Compression;

const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const HEADER_BYTES: usize = 16;
/// What a writer puts in one block, as the Java stream does by default.
const BLOCK_BYTES: usize = 32 * 1024;

/// Packs `bytes` in frames.
pub(super) fn pack(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&1_u32.to_be_bytes());
    out.extend_from_slice(&1_u32.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for block in bytes.chunks(BLOCK_BYTES) {
        let length_at = out.len();
        let start = length_at + 4;
        out.resize(start + snap::raw::max_compress_len(block.len()), 0);
        let packed = encoder.compress(block, &mut out[start..]).map_err(failed)?;
        layout::put(out, length_at, &(packed as u32).to_be_bytes());
        out.truncate(start + packed);
    }
    Ok(())
}

/// Unpacks framed or raw Snappy, to `bytes_max` bytes at most.
pub(super) fn unpack(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    if !bytes.starts_with(&MAGIC) {
        unpack_block(bytes, bytes_max, &mut out)?;
        return Ok(out);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        // Concatenated streams repeat the header.
        if rest.starts_with(&MAGIC) {
            rest = rest.get(HEADER_BYTES..).ok_or_else(cut)?;
            continue;
        }
        let (length, after) = rest.split_at_checked(4).ok_or_else(cut)?;
        let length = layout::u32_at(length, 0) as usize;
        let (block, after) = after.split_at_checked(length).ok_or_else(cut)?;
        unpack_block(block, bytes_max, &mut out)?;
        rest = after;
    }
    Ok(out)
}

fn unpack_block(block: &[u8], bytes_max: usize, out: &mut Vec<u8>) -> Result<()> {
    let length = snap::raw::decompress_len(block).map_err(failed)?;
    let start = out.len();
    if length > bytes_max.saturating_sub(start) {
        return Err(Error::UnpackedTooLarge { bytes_max });
    }
    out.resize(start + length, 0);
    snap::raw::Decoder::new().decompress(block, &mut out[start..]).map_err(failed)?;
    Ok(())
}

fn cut() -> Error {
    Error::Unpack { compression: Compression::Snappy, reason: "the frame is cut short".into() }
}

fn failed(error: snap::Error) -> Error {
    Error::Unpack { compression: Compression::Snappy, reason: error.to_string() }
}
