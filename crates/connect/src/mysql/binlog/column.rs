//! One column's stored value in a row image, by its stored type.

use std::borrow::Cow;

use super::compressed::unpack;
use super::json;
use super::reader::Reader;
use crate::error::{Error, Result};
use crate::mysql::cell::{Cell, CivilDate, time_micros};

/// Decodes the value of stored type `code` with its metadata.
pub fn decode<'a>(
    code: u8,
    metadata: [u8; 2],
    is_unsigned: bool,
    reader: &mut Reader<'a>,
) -> Result<Cell<'a>> {
    let [first, second] = metadata;
    match code {
        1 => integer(1, is_unsigned, reader),
        2 => integer(2, is_unsigned, reader),
        3 => integer(4, is_unsigned, reader),
        8 => integer(8, is_unsigned, reader),
        9 => integer(3, is_unsigned, reader),
        4 => Ok(Cell::Float(f32::from_bits(reader.little(4)? as u32))),
        5 => Ok(Cell::Double(f64::from_bits(reader.little(8)?))),
        6 => Ok(Cell::Null),
        7 => Ok(Cell::Instant(reader.little(4)? as i64 * 1_000_000)),
        10 | 14 => date(reader),
        11 => old_time(reader),
        12 => old_datetime(reader),
        13 => year(reader),
        15 | 253 => raw(usize::from(1 + u8::from(u16::from_le_bytes(metadata) > 255)), reader),
        16 => bits(first, second, reader),
        17 => timestamp(first, reader),
        18 => datetime(first, reader),
        19 => time(first, reader),
        140 => unpacked(usize::from(first), reader),
        141 => unpacked(usize::from(1 + u8::from(u16::from_le_bytes(metadata) > 255)), reader),
        245 => json_text(usize::from(first), reader),
        246 => decimal(usize::from(first), usize::from(second), reader),
        242 | 249..=252 | 255 => raw(usize::from(first.clamp(1, 4)), reader),
        247 | 248 | 254 => string(metadata, reader),
        other => Err(Error::Malformed(format!("unknown column type {other}"))),
    }
}

fn integer<'a>(bytes: usize, is_unsigned: bool, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    Ok(match is_unsigned {
        true => Cell::UInt(reader.little(bytes)?),
        false => Cell::Int(reader.signed(bytes)?),
    })
}

fn raw<'a>(length_bytes: usize, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    Ok(Cell::Raw(Cow::Borrowed(reader.prefixed(length_bytes)?)))
}

/// CHAR and BINARY, and ENUM and SET, which hide behind the same code.
fn string<'a>(metadata: [u8; 2], reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    const ENUM: u8 = 247;
    const SET: u8 = 248;
    let [kind, length] = metadata;
    match kind {
        ENUM => Ok(Cell::Int(reader.little(usize::from(length.min(8)))? as i64)),
        SET => Ok(Cell::UInt(reader.little(usize::from(length.min(8)))?)),
        _ => {
            // Lengths above 255 borrow two bits of the type's byte, stored inverted.
            let high = (u16::from(kind & 0x30) ^ 0x30) << 4;
            let length_max = u16::from(length) | high;
            raw(if length_max > 255 { 2 } else { 1 }, reader)
        }
    }
}

fn unpacked<'a>(length_bytes: usize, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = reader.prefixed(length_bytes)?;
    Ok(match stored {
        [] => Cell::Raw(Cow::Borrowed(stored)),
        [0, plain @ ..] => Cell::Raw(Cow::Borrowed(plain)),
        packed => Cell::Raw(Cow::Owned(unpack(packed)?)),
    })
}

fn bits<'a>(bits: u8, bytes: u8, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let count = usize::from(bytes) + usize::from(bits > 0);
    Ok(Cell::Raw(Cow::Borrowed(reader.take(count)?)))
}

fn year<'a>(reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = i64::from(reader.byte()?);
    Ok(Cell::Int(if stored == 0 { 0 } else { 1900 + stored }))
}

fn date<'a>(reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = reader.little(3)?;
    Ok(Cell::Date(CivilDate {
        year: (stored >> 9) as i32,
        month: (stored >> 5 & 15) as u8,
        day: (stored & 31) as u8,
    }))
}

/// TIME before fractions: `hhmmss` as a number.
fn old_time<'a>(reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = reader.signed(3)?;
    let digits = stored.abs();
    let micros = time_micros(digits / 10_000, digits / 100 % 100, digits % 100, 0);
    Ok(Cell::Time(micros * stored.signum()))
}

/// DATETIME before fractions: `yyyymmddhhmmss` as a number.
fn old_datetime<'a>(reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = reader.little(8)? as i64;
    let (day, time) = (stored / 1_000_000, stored % 1_000_000);
    let date = CivilDate {
        year: (day / 10_000) as i32,
        month: (day / 100 % 100) as u8,
        day: (day % 100) as u8,
    };
    Ok(Cell::DateTime(date, time_micros(time / 10_000, time / 100 % 100, time % 100, 0)))
}

/// Microseconds of a fraction stored for `digits` digits.
fn fraction(digits: u8, reader: &mut Reader<'_>) -> Result<i64> {
    Ok(match digits {
        0 => 0,
        1 | 2 => reader.big(1)? as i64 * 10_000,
        3 | 4 => reader.big(2)? as i64 * 100,
        _ => reader.big(3)? as i64,
    })
}

fn timestamp<'a>(digits: u8, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let seconds = reader.big(4)? as i64;
    Ok(Cell::Instant(seconds * 1_000_000 + fraction(digits, reader)?))
}

/// Packed into 40 bits: sign, year * 13 + month (17), day (5), hour (5), minute (6), second (6).
fn datetime<'a>(digits: u8, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let packed = reader.big(5)? as i64 - 0x80_0000_0000;
    let (months, day) = (packed >> 22, packed >> 17 & 31);
    let date = CivilDate { year: (months / 13) as i32, month: (months % 13) as u8, day: day as u8 };
    let micros = fraction(digits, reader)?;
    let time = time_micros(packed >> 12 & 31, packed >> 6 & 63, packed & 63, micros);
    Ok(Cell::DateTime(date, time))
}

/// Packed into 24 bits: sign, unused, hour (10), minute (6), second (6); then the fraction, which
/// counts from the next lower second when negative.
fn time<'a>(digits: u8, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let fraction_bytes = usize::from(digits.div_ceil(2).min(3));
    let bits = 8 * fraction_bytes as u32;
    let stored = reader.big(3 + fraction_bytes)? as i64 - (0x80_0000_i64 << bits);
    let magnitude = stored.abs();
    let (clock, part) = (magnitude >> bits, magnitude & ((1 << bits) - 1));
    let micros = match fraction_bytes {
        1 => part * 10_000,
        2 => part * 100,
        _ => part,
    };
    let time = time_micros(clock >> 12 & 1023, clock >> 6 & 63, clock & 63, micros);
    Ok(Cell::Time(if stored < 0 { -time } else { time }))
}

fn json_text<'a>(length_bytes: usize, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let stored = reader.prefixed(length_bytes.clamp(1, 4))?;
    Ok(Cell::Utf8(Cow::Owned(json::text(stored)?.into_bytes())))
}

fn decimal<'a>(precision: usize, scale: usize, reader: &mut Reader<'a>) -> Result<Cell<'a>> {
    let text = decimal_text(precision, scale, reader)?;
    Ok(Cell::Utf8(Cow::Owned(text.into_bytes())))
}

/// NEWDECIMAL: groups of nine digits in four bytes, shorter groups in fewer at both ends, big-endian;
/// the first bit inverted, all bits inverted when negative.
pub fn decimal_text(precision: usize, scale: usize, reader: &mut Reader<'_>) -> Result<String> {
    const GROUP_BYTES: [usize; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
    let whole = precision.checked_sub(scale);
    let whole = whole.ok_or_else(|| Error::Malformed("scale above precision".to_owned()))?;
    let head = GROUP_BYTES[whole % 9];
    let tail = GROUP_BYTES[scale % 9];
    let length = head + whole / 9 * 4 + scale / 9 * 4 + tail;
    let mut bytes = reader.take(length)?.to_vec();
    let Some(first) = bytes.first_mut() else { return Ok("0".to_owned()) };
    let negative = *first & 0x80 == 0;
    *first ^= 0x80;
    if negative {
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
    }
    let mut groups = Reader(&bytes);
    let mut digits = String::with_capacity(precision + 2);
    push_group(&mut digits, whole % 9, groups.big(head)?);
    for _ in 0..whole / 9 {
        push_group(&mut digits, 9, groups.big(4)?);
    }
    let significant = digits.trim_start_matches('0');
    let mut text = String::with_capacity(precision + 3);
    text.push_str(if negative { "-" } else { "" });
    text.push_str(if significant.is_empty() { "0" } else { significant });
    if scale > 0 {
        text.push('.');
        for _ in 0..scale / 9 {
            push_group(&mut text, 9, groups.big(4)?);
        }
        push_group(&mut text, scale % 9, groups.big(tail)?);
    }
    Ok(text)
}

fn push_group(text: &mut String, width: usize, value: u64) {
    if width > 0 {
        text.push_str(&format!("{value:0width$}"));
    }
}
