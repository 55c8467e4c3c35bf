//! MySQL's binary JSON, turned into the text that MySQL itself shows (a space after commas and
//! colons), so that a document looks the same from a snapshot and from the stream.
//!
//! Layout: one byte of type, then the value. Objects and arrays: number of elements, number of
//! bytes, entries of keys (offset, length 2), entries of values (type, offset or the value itself
//! when it fits), keys, values; offsets and counts have 2 bytes when small, 4 when large.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::column::decimal_text;
use super::reader::Reader;
use crate::error::{Error, Result};

/// The server's own limit of nesting.
const DEPTH_MAX: usize = 100;

/// The text of a document.
pub fn text(document: &[u8]) -> Result<String> {
    // An empty value is what the server stores for NULL in odd cases.
    let Some((kind, value)) = document.split_first() else { return Ok("null".to_owned()) };
    let mut text = String::with_capacity(document.len() * 2);
    write_value(*kind, value, &mut text, 0)?;
    Ok(text)
}

fn write_value(kind: u8, value: &[u8], text: &mut String, depth: usize) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(Error::Malformed("JSON nested too deeply".to_owned()));
    }
    let mut reader = Reader(value);
    match kind {
        0..=3 => container(kind, value, text, depth)?,
        4 => text.push_str(literal(reader.byte()?)?),
        5 => push(text, reader.signed(2)?),
        6 => push(text, reader.little(2)?),
        7 => push(text, reader.signed(4)?),
        8 => push(text, reader.little(4)?),
        9 => push(text, reader.signed(8)?),
        10 => push(text, reader.little(8)?),
        11 => double(text, f64::from_bits(reader.little(8)?)),
        12 => string(text, &String::from_utf8_lossy(variable(&mut reader)?)),
        15 => opaque(&mut reader, text)?,
        other => return Err(Error::Malformed(format!("unknown JSON type {other}"))),
    }
    Ok(())
}

fn push(text: &mut String, value: impl std::fmt::Display) {
    write!(text, "{value}").expect("writing to a String does not fail");
}

fn string(text: &mut String, value: &str) {
    push(text, serde_json::Value::from(value));
}

fn double(text: &mut String, value: f64) {
    match serde_json::Number::from_f64(value) {
        Some(number) => push(text, number),
        None => text.push_str("null"),
    }
}

fn literal(code: u8) -> Result<&'static str> {
    match code {
        0 => Ok("null"),
        1 => Ok("true"),
        2 => Ok("false"),
        other => Err(Error::Malformed(format!("unknown JSON literal {other}"))),
    }
}

fn container(kind: u8, value: &[u8], text: &mut String, depth: usize) -> Result<()> {
    let width = if kind == 0 || kind == 2 { 2 } else { 4 };
    let is_object = kind < 2;
    let mut header = Reader(value);
    let count = header.little(width)? as usize;
    header.take(width)?;
    let key_entry = if is_object { width + 2 } else { 0 };
    let mut keys = Reader(header.take(count.saturating_mul(key_entry))?);
    let mut values = Reader(header.take(count.saturating_mul(width + 1))?);
    text.push(if is_object { '{' } else { '[' });
    for index in 0..count {
        if index > 0 {
            text.push_str(", ");
        }
        if is_object {
            let (offset, length) = (keys.little(width)? as usize, keys.little(2)? as usize);
            let key = Reader(from(value, offset)?).take(length)?;
            string(text, &String::from_utf8_lossy(key));
            text.push_str(": ");
        }
        let kind = values.byte()?;
        let inline = values.take(width)?;
        if is_inline(kind, width) {
            write_value(kind, inline, text, depth + 1)?;
        } else {
            let offset = Reader(inline).little(width)? as usize;
            write_value(kind, from(value, offset)?, text, depth + 1)?;
        }
    }
    text.push(if is_object { '}' } else { ']' });
    Ok(())
}

/// Literals and 16-bit numbers stand in the entry itself; 32-bit ones only in large containers.
fn is_inline(kind: u8, width: usize) -> bool {
    matches!(kind, 4..=6) || (width == 4 && matches!(kind, 7 | 8))
}

fn from(value: &[u8], offset: usize) -> Result<&[u8]> {
    value.get(offset..).ok_or_else(|| Error::Malformed("JSON offset out of range".to_owned()))
}

/// Bytes after their length, seven bits per byte, the lowest first.
fn variable<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    let mut length = 0usize;
    for shift in (0..35).step_by(7) {
        let byte = reader.byte()?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return reader.take(length);
        }
    }
    Err(Error::Malformed("JSON length too long".to_owned()))
}

/// A value of another SQL type inside JSON.
fn opaque(reader: &mut Reader<'_>, text: &mut String) -> Result<()> {
    let kind = reader.byte()?;
    let data = variable(reader)?;
    let mut value = Reader(data);
    match kind {
        246 => {
            let (precision, scale) = (usize::from(value.byte()?), usize::from(value.byte()?));
            text.push_str(&decimal_text(precision, scale, &mut value)?);
        }
        10 => temporal(&mut value, text, true, false)?,
        11 => temporal(&mut value, text, false, true)?,
        7 | 12 => temporal(&mut value, text, true, true)?,
        other => {
            push(text, format_args!("\"base64:type{other}:{}\"", BASE64_STANDARD.encode(data)));
        }
    }
    Ok(())
}

/// Times inside JSON: 24 bits of microseconds below the packed date and time.
fn temporal(reader: &mut Reader<'_>, text: &mut String, date: bool, time: bool) -> Result<()> {
    let packed = reader.signed(8)?;
    let (whole, micros) = (packed.abs() >> 24, packed.abs() & 0xff_ffff);
    text.push('"');
    if date {
        let months = whole >> 22;
        let day = whole >> 17 & 31;
        push(text, format_args!("{:04}-{:02}-{day:02}", months / 13, months % 13));
    }
    if date && time {
        text.push(' ');
    }
    if time {
        let sign = if packed < 0 { "-" } else { "" };
        let hour = if date { whole >> 12 & 31 } else { whole >> 12 & 1023 };
        let (minute, second) = (whole >> 6 & 63, whole & 63);
        push(text, format_args!("{sign}{hour:02}:{minute:02}:{second:02}.{micros:06}"));
    }
    text.push('"');
    Ok(())
}
