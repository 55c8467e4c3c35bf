//! JSON scalars as SQL values: the coercions of spec section 6.5.

use arrow_buffer::i256;
use jiter::{Jiter, NumberAny, NumberInt, Peek};
use types::text;

use crate::decimals;
use crate::fault::{Decode, Fault};

/// A syntax error of the payload.
pub fn malformed(error: impl std::fmt::Display) -> Box<Fault> {
    Fault::new(format!("Malformed JSON: {error}"))
}

/// What a JSON value is called in messages.
pub fn kind(peek: Peek) -> &'static str {
    match peek {
        Peek::Null => "NULL",
        Peek::True | Peek::False => "BOOLEAN",
        Peek::String => "STRING",
        Peek::Array => "ARRAY",
        Peek::Object => "OBJECT",
        number if number.is_num() => "NUMBER",
        _ => "UNKNOWN",
    }
}

/// The value that stands next is of no use here.
pub fn mismatch(json: &mut Jiter<'_>, peek: Peek, required: &str) -> Box<Fault> {
    match json.known_skip(peek) {
        Ok(()) => Fault::conversion(kind(peek), required),
        Err(error) => malformed(error),
    }
}

/// BOOLEAN: only true and false.
pub fn boolean(json: &mut Jiter<'_>, peek: Peek) -> Decode<bool> {
    match peek {
        Peek::True | Peek::False => json.known_bool(peek).map_err(malformed),
        _ => Err(mismatch(json, peek, "BOOLEAN")),
    }
}

/// An integer of 64 bits, from a number (fractions cut off, excess bits dropped) or numeric text.
pub fn long(json: &mut Jiter<'_>, peek: Peek, required: &str) -> Decode<i64> {
    match peek {
        Peek::String => {
            let text = json.known_str().map_err(malformed)?;
            text.parse().map_err(|_| Fault::conversion("STRING", required))
        }
        number if number.is_num() => number_as_long(json, number),
        _ => Err(mismatch(json, peek, required)),
    }
}

fn number_as_long(json: &mut Jiter<'_>, peek: Peek) -> Decode<i64> {
    let start = json.current_index();
    match json.known_number(peek).map_err(malformed)? {
        NumberAny::Int(NumberInt::Int(value)) => Ok(value),
        _ => Ok(low_bits(spelling(json, start)?)),
    }
}

/// The raw text of the number that began at `start`.
fn spelling<'j>(json: &Jiter<'j>, start: usize) -> Decode<&'j str> {
    std::str::from_utf8(json.slice_to_current(start)).map_err(malformed)
}

/// The integer part's low 64 bits, as Java's `BigDecimal.longValue`.
fn low_bits(spelled: &str) -> i64 {
    let Some(number) = decimals::parse(spelled) else { return 0 };
    let power = decimals::power_of_ten(number.scale.unsigned_abs());
    let whole = match (number.scale > 0, power) {
        (true, Some(power)) => number.unscaled.wrapping_div(power),
        (false, Some(power)) => number.unscaled.wrapping_mul(power),
        // Beyond 10^76 nothing is left of a fraction, and 2^64 divides the power.
        (_, None) => i256::ZERO,
    };
    let (low, _) = whole.to_parts();
    let bytes = low.to_le_bytes();
    i64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"))
}

/// INTEGER: as [`long`], but text must fit 32 bits.
pub fn integer(json: &mut Jiter<'_>, peek: Peek) -> Decode<i32> {
    if peek == Peek::String {
        let text = json.known_str().map_err(malformed)?;
        return text.parse().map_err(|_| Fault::conversion("STRING", "INTEGER"));
    }
    long(json, peek, "INTEGER").map(low_32_bits)
}

#[allow(clippy::cast_possible_truncation, reason = "Java's intValue keeps the low bits")]
fn low_32_bits(value: i64) -> i32 {
    value as i32
}

/// DOUBLE: a number, or its text (also `NaN`, `Infinity`, `-Infinity`).
pub fn double(json: &mut Jiter<'_>, peek: Peek) -> Decode<f64> {
    match peek {
        Peek::String => {
            let text = json.known_str().map_err(malformed)?;
            parse_double(text).ok_or_else(|| Fault::conversion("STRING", "DOUBLE"))
        }
        number if number.is_num() => json.known_float(number).map_err(malformed),
        _ => Err(mismatch(json, peek, "DOUBLE")),
    }
}

/// A double as Java's `Double.parseDouble` reads it.
pub fn parse_double(text: &str) -> Option<f64> {
    match text.trim() {
        "NaN" | "+NaN" | "-NaN" => Some(f64::NAN),
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        other => text::parse_double(other),
    }
}

/// DECIMAL: a number or its text that fits the column exactly.
pub fn decimal(json: &mut Jiter<'_>, peek: Peek, precision: u8, scale: u8) -> Decode<i256> {
    match peek {
        Peek::String => fit(json.known_str().map_err(malformed)?, precision, scale),
        number if number.is_num() => {
            let start = json.current_index();
            json.known_number_bytes(number).map_err(malformed)?;
            fit(spelling(json, start)?, precision, scale)
        }
        _ => Err(mismatch(json, peek, "DECIMAL")),
    }
}

fn fit(spelled: &str, precision: u8, scale: u8) -> Decode<i256> {
    let number =
        decimals::parse(spelled.trim()).ok_or_else(|| Fault::conversion("STRING", "DECIMAL"))?;
    number.fit(precision, scale).ok_or_else(|| {
        Fault::new(format!("Cannot fit decimal '{spelled}' into DECIMAL({precision}, {scale})"))
    })
}

/// TIME: milliseconds of the day.
pub fn time(json: &mut Jiter<'_>, peek: Peek) -> Decode<i32> {
    let time_ms = long(json, peek, "TIME")?;
    time_of_day(time_ms)
}

/// `time_ms` when it lies within a day.
pub fn time_of_day(time_ms: i64) -> Decode<i32> {
    let in_day = i32::try_from(time_ms).ok().filter(|_| (0..text::DAY_MS).contains(&time_ms));
    in_day.ok_or_else(|| {
        Fault::new(format!("TIME must be milliseconds of a day, 0 to 86399999. Got: {time_ms}"))
    })
}

/// BYTES: base64 text.
pub fn bytes(json: &mut Jiter<'_>, peek: Peek, out: &mut Vec<u8>) -> Decode<()> {
    if peek != Peek::String {
        return Err(mismatch(json, peek, "BYTES"));
    }
    let text = json.known_str().map_err(malformed)?;
    let decoded = text::decode_base64(text).ok_or_else(|| Fault::conversion("STRING", "BYTES"))?;
    out.extend_from_slice(&decoded);
    Ok(())
}
