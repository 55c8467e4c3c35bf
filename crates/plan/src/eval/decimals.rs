//! Arithmetic on unscaled decimals: powers of ten, changes of scale, comparison.

use std::cmp::Ordering;

use arrow_buffer::i256;
use types::{Decimal, text};

/// Powers of ten that fit 128 bits.
const POWERS: [i128; 39] = powers();
/// The largest power of ten that fits 256 bits.
const POWER_MAX: u32 = 76;
/// Integers up to here are doubles exactly.
const EXACT_DOUBLE_MAX: u128 = 1 << 53;
/// Powers of ten up to here are doubles exactly.
const EXACT_DOUBLE_POWER: u8 = 22;

const fn powers() -> [i128; 39] {
    let mut powers = [1_i128; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
}

/// `10^exponent` if it fits 128 bits.
pub(super) fn narrow_power(exponent: u32) -> Option<i128> {
    POWERS.get(exponent as usize).copied()
}

/// `10^exponent` if it fits 256 bits.
pub(super) fn wide_power(exponent: u32) -> Option<i256> {
    if let Some(power) = narrow_power(exponent) {
        return Some(i256::from_i128(power));
    }
    if exponent > POWER_MAX {
        return None;
    }
    let rest = i256::from_i128(POWERS[(exponent - 38) as usize]);
    rest.checked_mul(i256::from_i128(POWERS[38]))
}

/// Whether `value` has at most `precision` digits.
pub(super) fn fits(value: i256, precision: u8) -> bool {
    let Some(limit) = wide_power(u32::from(precision)) else {
        return true;
    };
    value < limit && value > limit.wrapping_neg()
}

/// `digits * 10^exponent` as an unscaled value of `scale`, rounded half away from zero; `None` if it
/// takes more than 256 bits.
pub(super) fn rescale(digits: i256, exponent: i32, scale: u8) -> Option<i256> {
    let shift = exponent.checked_add(i32::from(scale))?;
    if digits == i256::ZERO {
        return Some(digits);
    }
    if shift >= 0 {
        return digits.checked_mul(wide_power(shift.unsigned_abs())?);
    }
    let Some(power) = wide_power(shift.unsigned_abs()) else {
        return Some(i256::ZERO);
    };
    let (quotient, remainder) = (digits.checked_div(power)?, digits.checked_rem(power)?);
    let remainder = if remainder < i256::ZERO { remainder.wrapping_neg() } else { remainder };
    let rounds_up = remainder >= power.wrapping_sub(remainder);
    let step = i256::from_i128(if digits < i256::ZERO { -1 } else { 1 });
    Some(if rounds_up { quotient.wrapping_add(step) } else { quotient })
}

/// Compares two unscaled values of their scales.
pub(super) fn compare_exact(left: (i256, u8), right: (i256, u8)) -> Ordering {
    let ((left, left_scale), (right, right_scale)) = (left, right);
    match left_scale.cmp(&right_scale) {
        Ordering::Equal => left.cmp(&right),
        Ordering::Less => scaled_up(left, right_scale - left_scale, right),
        Ordering::Greater => scaled_up(right, left_scale - right_scale, left).reverse(),
    }
}

/// Compares `value * 10^digits` with `other`. A product beyond 256 bits is beyond `other` too.
fn scaled_up(value: i256, digits: u8, other: i256) -> Ordering {
    match wide_power(u32::from(digits)).and_then(|power| value.checked_mul(power)) {
        Some(product) => product.cmp(&other),
        None => value.cmp(&i256::ZERO),
    }
}

/// The double nearest to an unscaled value.
pub(super) fn to_double(unscaled: i256, scale: u8) -> f64 {
    if let Some(narrow) = unscaled.to_i128()
        && narrow.unsigned_abs() <= EXACT_DOUBLE_MAX
        && scale <= EXACT_DOUBLE_POWER
    {
        // Both are exact, so that the division rounds once.
        return narrow as f64 / POWERS[usize::from(scale)] as f64;
    }
    let text = Decimal::new(unscaled, scale).to_string();
    text.parse().expect("the text of a decimal is a number")
}

/// Digits and exponent of a double's shortest text, or `None` for NaN and infinities.
pub(super) fn of_double(value: f64) -> Option<(i256, i32)> {
    let (digits, exponent) = text::shortest_decimal(value)?;
    Some((i256::from_i128(digits.into()), exponent))
}

/// Compares the exact value of a double's shortest text with an unscaled value.
///
/// Where the double differs from the decimal's nearest double the order of these two decides: the
/// decimals that round to one double lie all on the same side of those that round to another.
pub(super) fn compare_double(value: f64, unscaled: i256, scale: u8) -> Option<Ordering> {
    let order = value.partial_cmp(&to_double(unscaled, scale))?;
    if order != Ordering::Equal || value.is_infinite() {
        return (!value.is_infinite()).then_some(order);
    }
    let (digits, exponent) = of_double(value)?;
    // Equal doubles have about the same size, so that few digits lie between the scales.
    if exponent > 0 {
        let whole = digits.checked_mul(wide_power(exponent.unsigned_abs())?)?;
        return Some(compare_exact((whole, 0), (unscaled, scale)));
    }
    let double_scale = exponent.unsigned_abs();
    let scale = u32::from(scale);
    Some(if double_scale <= scale {
        match wide_power(scale - double_scale).and_then(|power| digits.checked_mul(power)) {
            Some(product) => product.cmp(&unscaled),
            None => digits.cmp(&i256::ZERO),
        }
    } else {
        match wide_power(double_scale - scale).and_then(|power| unscaled.checked_mul(power)) {
            Some(product) => digits.cmp(&product),
            None => i256::ZERO.cmp(&unscaled),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(value: i128) -> i256 {
        i256::from_i128(value)
    }

    #[test]
    fn rescaling_rounds_half_away_from_zero() {
        let golden = [(125, -2, 1, 13), (-125, -2, 1, -13), (124, -2, 1, 12), (7, 2, 1, 7000)];
        for (digits, exponent, scale, expected) in golden {
            assert_eq!(rescale(wide(digits), exponent, scale), Some(wide(expected)));
        }
        assert_eq!(rescale(wide(5), -400, 2), Some(i256::ZERO));
        assert_eq!(rescale(wide(5), 400, 2), None);
    }

    #[test]
    fn scales_do_not_matter_to_the_order() {
        assert_eq!(compare_exact((wide(120), 2), (wide(12), 1)), Ordering::Equal);
        assert_eq!(compare_exact((wide(121), 2), (wide(12), 1)), Ordering::Greater);
        assert_eq!(compare_exact((i256::MAX, 0), (i256::MAX, 70)), Ordering::Greater);
        assert_eq!(compare_exact((i256::MIN, 0), (i256::MAX, 70)), Ordering::Less);
    }

    #[test]
    fn doubles_are_compared_by_their_text() {
        assert_eq!(compare_double(0.1, wide(1), 1), Some(Ordering::Equal));
        assert_eq!(compare_double(0.1, wide(10_000_000_000_000_000_001), 20), Some(Ordering::Less));
        assert_eq!(compare_double(1e300, wide(1), 1), Some(Ordering::Greater));
        assert_eq!(compare_double(1e-300, wide(0), 1), Some(Ordering::Greater));
        assert_eq!(compare_double(f64::NAN, wide(1), 1), None);
        assert_eq!(compare_double(f64::INFINITY, wide(1), 1), None);
    }

    #[test]
    fn decimals_round_to_the_nearest_double() {
        assert_eq!(to_double(wide(1), 1), 0.1);
        assert_eq!(to_double(wide(123_456_789_012_345_678_901_234), 20), 1_234.567_890_123_457);
    }
}
