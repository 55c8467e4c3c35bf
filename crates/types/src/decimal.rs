//! Exact decimal numbers: an unscaled 256-bit integer and a scale.

use std::fmt;
use std::str::FromStr;

use arrow_buffer::i256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `unscaled * 10^-scale`. Equality is exact including the scale, as Java's `BigDecimal.equals`.
///
/// Text form is plain (never exponents): `20.2000` keeps its scale of 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The digits as an integer.
    pub unscaled: i256,
    /// Number of digits behind the point; never more than [`crate::DECIMAL_PRECISION_MAX`].
    pub scale: u8,
}

/// The text is not a decimal number that fits 76 digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 76 digits: {0:?}")]
pub struct ParseDecimalError(String);

impl Decimal {
    /// A decimal from its parts.
    pub fn new(unscaled: i256, scale: u8) -> Self {
        Self { unscaled, scale }
    }

    /// Number of decimal digits of the unscaled value; 1 for zero, as Java's `precision()`.
    pub fn precision(&self) -> u8 {
        let digits = self.unscaled.to_string();
        u8::try_from(digits.trim_start_matches('-').len()).expect("an i256 has at most 77 digits")
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.unscaled.to_string();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.as_str()),
        };
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads `[+-]digits[.digits][e[+-]digits]`; a positive exponent beyond the fraction gives scale 0.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDecimalError(text.to_owned());
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| error())?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction_digits = i32::try_from(fraction.len()).map_err(|_| error())?;
        let scale = fraction_digits.checked_sub(exponent).ok_or_else(error)?;
        let mut digits = format!("{whole}{fraction}");
        if fraction.starts_with(['+', '-']) || digits.trim_start_matches(['+', '-']).is_empty() {
            return Err(error());
        }
        if scale < 0 {
            let zeros = usize::try_from(-scale).map_err(|_| error())?;
            if zeros > usize::from(crate::DECIMAL_PRECISION_MAX) {
                return Err(error());
            }
            digits.extend(std::iter::repeat_n('0', zeros));
        }
        let unscaled = i256::from_string(digits.trim_start_matches('+')).ok_or_else(error)?;
        let scale = u8::try_from(scale.max(0)).map_err(|_| error())?;
        if scale > crate::DECIMAL_PRECISION_MAX {
            return Err(error());
        }
        Ok(Self { unscaled, scale })
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_the_scale() {
        for text in ["20.2000", "-0.05", "0", "123", "0.0"] {
            assert_eq!(text.parse::<Decimal>().expect("a decimal").to_string(), text);
        }
        assert_eq!("1.5e3".parse::<Decimal>().expect("a decimal").to_string(), "1500");
        assert_eq!("1.5e-3".parse::<Decimal>().expect("a decimal").to_string(), "0.0015");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", "1.-2", "abc", "1e", "1e999"] {
            assert!(text.parse::<Decimal>().is_err(), "{text:?}");
        }
    }
}
