//! The compressions of record batches. Everything unpacked is limited, because the packed size of
//! outside input says nothing about it.

mod xerial;

use std::fmt;
use std::io::{self, Read, Write};

use crate::{Error, Result, layout};

/// How the records of a batch are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Gzip.
    Gzip,
    /// Snappy, in the frames of snappy-java.
    Snappy,
    /// The LZ4 frame format with independent blocks.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// The compression named `name` in Kafka's `compression.type`.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];
        all.into_iter().find(|compression| compression.name() == name)
    }

    /// The codec in which a topic whose `compression.type` is `name` is stored; `None` when batches stay
    /// as their producers sent them.
    pub fn of_topic(name: &str) -> Option<Self> {
        if name == "uncompressed" { Some(Self::None) } else { Self::from_name(name) }
    }

    /// Kafka's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Its bits in a batch's attributes.
    pub(crate) fn bits(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// The compression that a batch's attributes name.
    pub(crate) fn from_attributes(attributes: i16) -> Result<Self> {
        match attributes & layout::COMPRESSION_MASK {
            0 => Ok(Self::None),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Lz4),
            4 => Ok(Self::Zstd),
            unknown => Err(Error::UnknownCompression(unknown)),
        }
    }

    /// Appends `bytes`, packed, to `out`.
    pub(crate) fn pack(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let packed = match self {
            Self::None => out.write_all(bytes),
            Self::Gzip => pack_gzip(bytes, out),
            Self::Snappy => return xerial::pack(bytes, out),
            Self::Lz4 => pack_lz4(bytes, out),
            Self::Zstd => zstd::stream::copy_encode(bytes, out, zstd::DEFAULT_COMPRESSION_LEVEL),
        };
        packed.map_err(|error| self.failed(&error))
    }

    /// The unpacked form of `bytes`, of `bytes_max` bytes at most.
    pub(crate) fn unpack(self, bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip => self.drain(flate2::read::MultiGzDecoder::new(bytes), bytes_max),
            Self::Snappy => xerial::unpack(bytes, bytes_max),
            Self::Lz4 => self.drain(lz4_flex::frame::FrameDecoder::new(bytes), bytes_max),
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(bytes);
                self.drain(decoder.map_err(|error| self.failed(&error))?, bytes_max)
            }
        }
    }

    fn drain(self, reader: impl Read, bytes_max: usize) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut limited = reader.take(bytes_max as u64 + 1);
        limited.read_to_end(&mut out).map_err(|error| self.failed(&error))?;
        if out.len() > bytes_max {
            return Err(Error::UnpackedTooLarge { bytes_max });
        }
        Ok(out)
    }

    fn failed(self, error: &io::Error) -> Error {
        Error::Unpack { compression: self, reason: error.to_string() }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn pack_gzip(bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish().map(|_| ())
}

fn pack_lz4(bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    // Java's reader refuses blocks that depend on each other.
    let frame = lz4_flex::frame::FrameInfo::new()
        .block_mode(lz4_flex::frame::BlockMode::Independent)
        .block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(frame, out);
    encoder.write_all(bytes)?;
    encoder.finish().map(|_| ()).map_err(io::Error::other)
}
