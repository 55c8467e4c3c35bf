//! Rounding of exact decimals, for the mathematical functions. Everything else about decimals is in
//! `types`.

use arrow_buffer::i256;
use types::{DECIMAL_PRECISION_MAX, Decimal};

/// Where a number goes that lies between two candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Toward zero.
    Down,
    /// Toward negative infinity.
    Floor,
    /// Toward positive infinity.
    Ceiling,
    /// To the nearest; ties toward positive infinity.
    HalfCeiling,
}

/// `10^exponent`, if 256 bits hold it.
pub fn power_of_ten(exponent: u32) -> Option<i256> {
    (exponent <= u32::from(DECIMAL_PRECISION_MAX))
        .then(|| i256::from_i128(10).wrapping_pow(exponent))
}

/// `value` rounded to `digits` behind the point (negative: before it), with its scale kept. `None` when
/// the result has more digits than 256 bits hold.
pub fn round(value: Decimal, digits: i32, rounding: Rounding) -> Option<Decimal> {
    let dropped = i64::from(value.scale) - i64::from(digits);
    if dropped <= 0 {
        return Some(value);
    }
    let unscaled = match u32::try_from(dropped).ok().and_then(power_of_ten) {
        Some(unit) => round_to_multiple(value.unscaled, unit, rounding)?,
        None => i256::ZERO,
    };
    Some(Decimal::new(unscaled, value.scale))
}

fn round_to_multiple(value: i256, unit: i256, rounding: Rounding) -> Option<i256> {
    let rest = value.checked_rem(unit)?;
    let rest = if rest < i256::ZERO { rest.checked_add(unit)? } else { rest };
    let below = value.checked_sub(rest)?;
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::Ceiling => rest != i256::ZERO,
        Rounding::Down => value < i256::ZERO && rest != i256::ZERO,
        Rounding::HalfCeiling => rest >= unit.checked_sub(rest)?,
    };
    if up { below.checked_add(unit) } else { Some(below) }
}

/// `value` with another scale; digits that get lost are cut off. `None` on overflow.
pub fn with_scale(value: Decimal, scale: u8) -> Option<Decimal> {
    let unscaled = if scale >= value.scale {
        value.unscaled.checked_mul(power_of_ten(u32::from(scale - value.scale))?)?
    } else {
        value.unscaled.checked_div(power_of_ten(u32::from(value.scale - scale))?)?
    };
    Some(Decimal::new(unscaled, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_each_way() {
        let rounded = |text: &str, digits, rounding| {
            let value = text.parse().expect("a decimal");
            round(value, digits, rounding).expect("fits").to_string()
        };
        for (text, digits, down, floor, ceiling, half) in [
            ("2.50", 0, "2.00", "2.00", "3.00", "3.00"),
            ("-2.50", 0, "-2.00", "-3.00", "-2.00", "-2.00"),
            ("-2.51", 0, "-2.00", "-3.00", "-2.00", "-3.00"),
            ("1.25", 1, "1.20", "1.20", "1.30", "1.30"),
            ("1.25", 5, "1.25", "1.25", "1.25", "1.25"),
            ("155.00", -1, "150.00", "150.00", "160.00", "160.00"),
            ("155.00", -99, "0.00", "0.00", "0.00", "0.00"),
        ] {
            assert_eq!(rounded(text, digits, Rounding::Down), down, "{text} down");
            assert_eq!(rounded(text, digits, Rounding::Floor), floor, "{text} floor");
            assert_eq!(rounded(text, digits, Rounding::Ceiling), ceiling, "{text} ceiling");
            assert_eq!(rounded(text, digits, Rounding::HalfCeiling), half, "{text} half");
        }
    }

    #[test]
    fn scales_change() {
        let value: Decimal = "-1.29".parse().expect("a decimal");
        assert_eq!(with_scale(value, 1).expect("fits").to_string(), "-1.2");
        assert_eq!(with_scale(value, 4).expect("fits").to_string(), "-1.2900");
        assert_eq!(with_scale(value, 76).map(|value| value.to_string().len()), Some(79));
    }
}
