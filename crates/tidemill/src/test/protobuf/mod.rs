//! Test records as Protobuf: JSON into a message of the topic's schema, and back.
//!
//! The schema's text is parsed by `formats`; the wire format is read and written here once more, so
//! that the two readings of it check each other.

mod decode;
mod encode;
#[cfg(test)]
mod tests;
mod wire;

use formats::protobuf_schema::{File, Message};
use serde_json::Value as Json;

use super::actual::Actual;

/// A .proto text and the messages in it.
pub struct ProtobufSerde {
    file: File,
}

impl ProtobufSerde {
    /// Parses a schema's text.
    ///
    /// # Errors
    /// When it is no .proto text.
    pub fn try_new(text: &str) -> Result<Self, String> {
        File::parse(text).map(|file| Self { file }).map_err(|error| error.to_string())
    }

    /// The bare message for `json`: of the type `name`, else of the first one.
    ///
    /// # Errors
    /// When the JSON does not fit the message.
    pub fn encode(&self, json: &Json, name: Option<&str>) -> Result<Vec<u8>, String> {
        encode::message(&self.file, self.named(name)?.1, json)
    }

    /// The message indexes of that message as a registry payload carries them.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn indexes(&self, name: Option<&str>) -> Result<Vec<u8>, String> {
        let (indexes, _) = self.named(name)?;
        let mut out = Vec::new();
        if indexes == [0] {
            out.push(0);
        } else {
            wire::zigzag(indexes.len() as i64, &mut out);
            indexes.iter().for_each(|index| wire::zigzag(i64::from(*index), &mut out));
        }
        Ok(out)
    }

    /// What a bare message of the file's first type holds.
    ///
    /// # Errors
    /// When the bytes are no such message.
    pub fn decode(&self, bytes: &[u8]) -> Result<Actual, String> {
        decode::message(&self.file, self.named(None)?.1, bytes)
    }

    /// What a message behind its indexes holds.
    ///
    /// # Errors
    /// When the bytes are no such message.
    pub fn decode_indexed(&self, bytes: &[u8]) -> Result<Actual, String> {
        let mut rest = bytes;
        let count = wire::read_zigzag(&mut rest)?;
        let mut indexes = Vec::new();
        for _ in 0..count {
            let index = wire::read_zigzag(&mut rest)?;
            indexes.push(i32::try_from(index).map_err(|error| error.to_string())?);
        }
        if indexes.is_empty() {
            indexes.push(0);
        }
        let message = self.file.at(&indexes).ok_or("the schema has no message of those indexes")?;
        decode::message(&self.file, message, rest)
    }

    fn named(&self, name: Option<&str>) -> Result<(Vec<i32>, &Message), String> {
        match name {
            Some(name) => self.file.message(name).ok_or_else(|| format!("no message {name}")),
            None => {
                let first = self.file.messages.first().ok_or("the schema has no message")?;
                Ok((vec![0], first))
            }
        }
    }
}
