//! What can be wrong with a record batch.

/// Result of this crate's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// Why bytes are not a record batch that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end before the batch does.
    #[error("record batch needs {needed} bytes but only {available} are there")]
    Truncated {
        /// Bytes the batch says it has.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// A format before Kafka 0.11, or one not invented yet.
    #[error("record batch has magic {0}, only 2 is supported")]
    UnsupportedMagic(i8),
    /// The bytes are not those that were written.
    #[error("record batch has checksum {stored:#010x} but its bytes give {computed:#010x}")]
    Checksum {
        /// In the header.
        stored: u32,
        /// Over the bytes.
        computed: u32,
    },
    /// A field contradicts the format.
    #[error("malformed record batch: {0}")]
    Malformed(&'static str),
    /// The attributes name a compression that does not exist.
    #[error("record batch has unknown compression {0}")]
    UnknownCompression(i16),
    /// The compressed records cannot be unpacked.
    #[error("cannot unpack {compression} records: {reason}")]
    Unpack {
        /// The compression.
        compression: crate::Compression,
        /// The decoder's words.
        reason: String,
    },
    /// The records unpack to more than is allowed.
    #[error("records unpack to more than {bytes_max} bytes")]
    UnpackedTooLarge {
        /// The limit.
        bytes_max: usize,
    },
}
