//! Exact decimals between text and unscaled integers. Used by the JSON, DELIMITED and Avro formats.

use arrow_buffer::i256;

/// A decimal as text spells it: digits, and how many of them stand behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// The digits as an integer.
    pub unscaled: i256,
    /// Digits behind the point; negative for trailing zeros that an exponent adds.
    pub scale: i32,
}

/// Reads `[+-]digits[.digits][e[+-]digits]`; `None` for anything else and beyond 76 digits.
pub fn parse(text: &str) -> Option<Spelled> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (magnitude, fraction_digits) = magnitude(digits)?;
    let unscaled = if negative { magnitude.checked_neg()? } else { magnitude };
    Some(Spelled { unscaled, scale: fraction_digits.checked_sub(exponent)? })
}

/// The digits as an integer, and how many follow the point.
fn magnitude(digits: &[u8]) -> Option<(i256, i32)> {
    // Most numbers fit 64 bits; only longer ones pay for wide arithmetic.
    let mut narrow: u64 = 0;
    let mut wide: Option<i256> = None;
    let mut fraction_digits = None;
    let mut count = 0;
    for &byte in digits {
        match byte {
            b'.' if fraction_digits.is_none() => {
                fraction_digits = Some(0);
                continue;
            }
            b'0'..=b'9' => {}
            _ => return None,
        }
        count += 1;
        fraction_digits = fraction_digits.map(|n| n + 1);
        let digit = u64::from(byte - b'0');
        match (&mut wide, narrow.checked_mul(10).and_then(|n| n.checked_add(digit))) {
            (None, Some(more)) => narrow = more,
            (wide, _) => {
                let so_far = wide.unwrap_or_else(|| i256::from_i128(i128::from(narrow)));
                let ten = so_far.checked_mul(i256::from_i128(10))?;
                *wide = Some(ten.checked_add(i256::from_i128(i128::from(digit)))?);
            }
        }
    }
    let value = wide.unwrap_or_else(|| i256::from_i128(i128::from(narrow)));
    (count > 0).then_some((value, fraction_digits.unwrap_or(0)))
}

impl Spelled {
    /// The unscaled value at exactly `scale`; `None` when digits would be lost or there are more
    /// than `precision`.
    pub fn fit(self, precision: u8, scale: u8) -> Option<i256> {
        let shift = i32::from(scale).checked_sub(self.scale)?;
        let unscaled = if self.unscaled == i256::ZERO {
            i256::ZERO
        } else if shift >= 0 {
            self.unscaled.checked_mul(power_of_ten(u32::try_from(shift).ok()?)?)?
        } else {
            let divisor = power_of_ten(shift.unsigned_abs())?;
            let rest = self.unscaled.checked_rem(divisor)?;
            (rest == i256::ZERO).then(|| self.unscaled.checked_div(divisor))??
        };
        has_precision(unscaled, precision).then_some(unscaled)
    }
}

/// Whether `unscaled` has at most `precision` digits.
pub fn has_precision(unscaled: i256, precision: u8) -> bool {
    let Some(limit) = power_of_ten(u32::from(precision)) else { return true };
    unscaled < limit && unscaled > limit.wrapping_neg()
}

/// `10^exponent` when it fits 256 bits.
pub fn power_of_ten(exponent: u32) -> Option<i256> {
    i256::from_i128(10).checked_pow(exponent)
}

/// Appends the plain text of `unscaled * 10^-scale`, with all `scale` digits.
pub fn write_plain(unscaled: i256, scale: u8, out: &mut Vec<u8>) {
    if let Some(narrow) = unscaled.to_i128() {
        write_narrow(narrow, scale, out);
    } else {
        out.extend_from_slice(types::Decimal::new(unscaled, scale).to_string().as_bytes());
    }
}

fn write_narrow(unscaled: i128, scale: u8, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 80];
    let mut start = digits.len();
    let mut rest = unscaled.unsigned_abs();
    let point = digits.len() - usize::from(scale);
    while rest > 0 || start >= point {
        start -= 1;
        digits[start] = b'0' + u8::try_from(rest % 10).expect("a digit is below 10");
        rest /= 10;
    }
    if unscaled < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..point]);
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(&digits[point..]);
    }
}

/// The text Java's `BigDecimal.toString` gives for a number as JSON spells it: plain unless an
/// exponent shortens it (scale below zero, or more than six leading zeros).
pub fn big_decimal_text(spelled: &str) -> Option<String> {
    let Spelled { unscaled, scale } = parse(spelled)?;
    let digits = unscaled.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |d| ("-", d));
    let length = i64::try_from(digits.len()).ok()?;
    let adjusted = length - 1 - i64::from(scale);
    if scale >= 0 && adjusted >= -6 {
        let scale = usize::try_from(scale).ok()?;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        return Some(format!("{sign}{whole}{point}{fraction}"));
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let plus = if adjusted > 0 { "+" } else { "" };
    Some(format!("{sign}{first}{point}{rest}E{plus}{adjusted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str, precision: u8, scale: u8) -> Option<String> {
        let unscaled = parse(text)?.fit(precision, scale)?;
        let mut out = Vec::new();
        write_plain(unscaled, scale, &mut out);
        Some(String::from_utf8(out).expect("digits"))
    }

    #[test]
    fn what_fits_gets_the_columns_scale() {
        assert_eq!(fit("12.365", 6, 4).as_deref(), Some("12.3650"));
        assert_eq!(fit("-0.05", 3, 2).as_deref(), Some("-0.05"));
        assert_eq!(fit("1e2", 4, 1).as_deref(), Some("100.0"));
        assert_eq!(fit("1.500", 2, 1).as_deref(), Some("1.5"));
        assert_eq!(fit("0", 1, 0).as_deref(), Some("0"));
        let long = "10.1234512345123451234512345123451234512345";
        assert_eq!(fit(long, 60, 40).as_deref(), Some(long));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(fit("1.25", 3, 1), None);
        assert_eq!(fit("123", 2, 0), None);
        assert_eq!(fit("1e999999999", 2, 0), None);
        for text in ["", ".", "-", "1.2.3", "abc", "0x1", "1e", "--1"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn big_decimals_print_like_javas() {
        let table = [
            ("1.50", "1.50"),
            ("1e5", "1E+5"),
            ("0.0000001", "1E-7"),
            ("0.000001", "0.000001"),
            ("-12.5e-9", "-1.25E-8"),
            ("1.5e1", "15"),
        ];
        for (spelled, text) in table {
            assert_eq!(big_decimal_text(spelled).as_deref(), Some(text), "{spelled}");
        }
    }
}
