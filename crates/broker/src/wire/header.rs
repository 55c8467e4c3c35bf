//! The header of a request.

use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, RequestHeader};
use kafka_protocol::protocol::{Decodable as _, StrBytes};

use super::schema;
use crate::{Error, Result};

/// Bytes of key, version and correlation id.
const FIXED_BYTES: usize = 8;

/// What the header says.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) api_key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) client_id: Option<StrBytes>,
}

/// Takes the header off `frame`, leaving the body.
///
/// # Errors
/// `Malformed` when it is none, or asks for what no Kafka knows.
pub(crate) fn parse_header(frame: &mut Bytes) -> Result<Header> {
    let malformed = |reason: &str| Error::Malformed(reason.to_owned());
    let fixed =
        frame.get(..FIXED_BYTES).ok_or_else(|| malformed("shorter than a request header"))?;
    let number = i16::from_be_bytes([fixed[0], fixed[1]]);
    let version = i16::from_be_bytes([fixed[2], fixed[3]]);
    let api_key = ApiKey::try_from(number)
        .map_err(|()| Error::Malformed(format!("unknown API key {number}")))?;
    let header_version = api_key.request_header_version(version);
    schema::check_header(header_version, &frame[FIXED_BYTES..])?;
    let decoded = RequestHeader::decode(frame, header_version);
    let header = decoded.map_err(|error| Error::Malformed(error.to_string()))?;
    Ok(Header {
        api_key,
        version,
        correlation_id: header.correlation_id,
        client_id: header.client_id,
    })
}
