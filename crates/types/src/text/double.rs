//! The text of DOUBLE values as Java prints them, and back.

use std::fmt::{self, Write};

/// Room for Rust's `{:e}` of any double: sign, 17 digits, point, `e`, sign, three digits.
const SCRATCH_BYTES: usize = 32;

/// A short text on the stack.
struct Scratch {
    bytes: [u8; SCRATCH_BYTES],
    len: usize,
}

impl Scratch {
    fn new() -> Self {
        Self { bytes: [0; SCRATCH_BYTES], len: 0 }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("only text was written")
    }
}

impl Write for Scratch {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Appends Java's `Double.toString(value)`: the shortest decimal that reads back as `value` (at least
/// one digit on each side of the point), plain from 1E-3 up to below 1E7, else with an exponent
/// (`1.0E10`); `NaN`, `Infinity`, `-Infinity`.
pub fn write_double(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("NaN");
        return;
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    if value.is_infinite() {
        out.push_str("Infinity");
    } else if value == 0.0 {
        out.push_str("0.0");
    } else {
        write_finite(value.abs(), out);
    }
}

/// Java's `Double.toString(value)`; see [`write_double`].
pub fn double_text(value: f64) -> String {
    let mut text = String::new();
    write_double(value, &mut text);
    text
}

/// Digits and exponent of the shortest text of a finite double: `value = digits * 10^exponent`.
/// `None` for NaN and infinities.
pub fn shortest_decimal(value: f64) -> Option<(i64, i32)> {
    if !value.is_finite() {
        return None;
    }
    let scratch = shortest(value.abs());
    let (mantissa, exponent) = scratch.as_str().split_once('e').expect("{:e} has an exponent");
    let exponent: i32 = exponent.parse().expect("{:e} has a numeric exponent");
    let digits = mantissa.bytes().filter(u8::is_ascii_digit);
    let magnitude = digits.fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let behind_point = i32::try_from(mantissa.len().saturating_sub(2)).expect("17 digits at most");
    let digits = if value.is_sign_negative() { -magnitude } else { magnitude };
    Some((digits, exponent - behind_point))
}

fn write_finite(value: f64, out: &mut String) {
    let scratch = shortest(value);
    let (mantissa, exponent) = scratch.as_str().split_once('e').expect("{:e} has an exponent");
    let exponent: i32 = exponent.parse().expect("{:e} has a numeric exponent");
    let first = &mantissa[..1];
    let rest = mantissa.get(2..).unwrap_or("").trim_end_matches('0');
    match exponent {
        0..7 => write_plain(first, rest, exponent.unsigned_abs() as usize, out),
        -3..0 => write_small(first, rest, exponent.unsigned_abs() as usize, out),
        _ => write_scientific(first, rest, exponent, out),
    }
}

/// The shortest digits, or the best two where one would do: Java chooses among two-digit decimals
/// then, so that the smallest double is 4.9E-324.
fn shortest(value: f64) -> Scratch {
    let mut scratch = Scratch::new();
    write!(scratch, "{value:e}").expect("the text of a double fits the scratch");
    if scratch.as_str().contains('.') {
        return scratch;
    }
    let mut two = Scratch::new();
    write!(two, "{value:.1e}").expect("the text of a double fits the scratch");
    two
}

fn write_plain(first: &str, rest: &str, exponent: usize, out: &mut String) {
    let (whole, fraction) = rest.split_at(exponent.min(rest.len()));
    out.push_str(first);
    out.push_str(whole);
    out.extend(std::iter::repeat_n('0', exponent - whole.len()));
    out.push('.');
    out.push_str(if fraction.is_empty() { "0" } else { fraction });
}

fn write_small(first: &str, rest: &str, zeros: usize, out: &mut String) {
    out.push_str("0.");
    out.extend(std::iter::repeat_n('0', zeros - 1));
    out.push_str(first);
    out.push_str(rest);
}

fn write_scientific(first: &str, rest: &str, exponent: i32, out: &mut String) {
    out.push_str(first);
    out.push('.');
    out.push_str(if rest.is_empty() { "0" } else { rest });
    write!(out, "E{exponent}").expect("writing to a String never fails");
}

/// Reads a finite double as CAST does: decimal notation with optional sign, point and exponent,
/// blanks around it trimmed; NaN and infinities, also by overflow, are refused.
pub fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}
