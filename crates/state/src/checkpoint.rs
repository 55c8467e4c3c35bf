//! The checkpoint of a store as it lies in the backend: up to where in its changelog the store's entries
//! are the truth, and how they are laid out. Written by [`Store::checkpoint`](crate::Store::checkpoint)
//! in one batch with the entries.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic `TMST` |
//! | 1 | version of this layout, 1 |
//! | 1 | format of the store's keys and values ([`RowFormat`]) |
//! | 8 each | position in each partition of the changelog, big endian; most stores have one |
//! | 4 | CRC-32C of everything before, big endian |

use crate::{Error, Result, RowFormat, StoreId};

const MAGIC: &[u8; 4] = b"TMST";
const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Layout of keys and values.
    pub format: RowFormat,
    /// Position in each partition of the changelog.
    pub positions: Vec<i64>,
}

impl Checkpoint {
    /// The bytes of the checkpoint.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, self.format.0]);
        bytes.extend(self.positions.iter().flat_map(|position| position.to_be_bytes()));
        let checksum = crc32c::crc32c(&bytes);
        bytes.extend(checksum.to_be_bytes());
        bytes
    }

    /// Reads the checkpoint of store `id`. Fails when it is damaged or of an unknown version.
    pub fn decode(bytes: &[u8], id: &StoreId) -> Result<Self> {
        let corrupt =
            |reason: &str| Error::Corrupt { store: id.to_string(), reason: reason.to_owned() };
        let (summed, checksum) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or_else(|| corrupt("its checkpoint is too short"))?;
        // The sum comes first: a flipped bit must not pass for another release.
        if crc32c::crc32c(summed) != u32::from_be_bytes(*checksum) {
            return Err(corrupt("the checksum of its checkpoint does not match"));
        }
        let rest = summed
            .strip_prefix(MAGIC)
            .ok_or_else(|| corrupt("its checkpoint has the wrong magic"))?;
        let [version, format, rest @ ..] = rest else {
            return Err(corrupt("its checkpoint is too short"));
        };
        if *version != VERSION {
            return Err(Error::Unknown {
                store: id.to_string(),
                what: "its checkpoint",
                found: *version,
                known: VERSION,
            });
        }
        let (positions, []) = rest.as_chunks::<8>() else {
            return Err(corrupt("its checkpoint has the wrong length"));
        };
        let positions = positions.iter().map(|bytes| i64::from_be_bytes(*bytes)).collect();
        Ok(Self { format: RowFormat(*format), positions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 1, format 1, positions 0 and 258.
    const VERSION_1: &[u8] = b"TMST\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x3a\xb3\x9a\x02";

    fn id() -> StoreId {
        StoreId::new("app", "store", 0)
    }

    #[test]
    fn version_1_is_read_and_written() {
        let checkpoint = Checkpoint { format: RowFormat(1), positions: vec![0, 258] };
        assert_eq!(checkpoint.encode(), VERSION_1);
        assert_eq!(Checkpoint::decode(VERSION_1, &id()).expect("valid"), checkpoint);
    }

    #[test]
    fn every_flipped_or_missing_byte_is_noticed() {
        for at in 0..VERSION_1.len() {
            let mut bytes = VERSION_1.to_vec();
            bytes[at] ^= 0x10;
            let refused = Checkpoint::decode(&bytes, &id()).expect_err("flipped");
            assert!(matches!(refused, Error::Corrupt { .. }), "{refused}");
            let refused = Checkpoint::decode(&VERSION_1[..at], &id()).expect_err("cut");
            assert!(matches!(refused, Error::Corrupt { .. }), "{refused}");
        }
    }

    #[test]
    fn a_newer_version_is_named_with_a_remedy() {
        let mut bytes = b"TMST\x09\x01".to_vec();
        bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
        let refused = Checkpoint::decode(&bytes, &id()).expect_err("newer");
        assert_eq!(
            refused.to_string(),
            "state store app-store-0: the format of its checkpoint is 9, and this release knows 1; start a \
             release that knows it, or drop the query and create it again"
        );
        assert!(!refused.is_retryable());
    }
}
