//! BYTES as text: standard base64.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Java's basic decoder: padding may be missing, the last character's spare bits may be anything.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Appends the padded base64 text of `bytes`.
pub fn write_base64(bytes: &[u8], out: &mut String) {
    LENIENT.encode_string(bytes, out);
}

/// The bytes that `text` stands for, or `None` if it is no base64.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}
