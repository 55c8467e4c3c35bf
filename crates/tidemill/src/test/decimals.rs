//! Unscaled integers of decimals as the binary formats lay them out.

use arrow_buffer::i256;
use types::Decimal;

/// Two's complement, big-endian, without redundant sign bytes.
pub fn minimal_bytes(value: i256) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let sign: u8 = if value.is_negative() { 0xFF } else { 0 };
    let redundant = |pair: &[u8]| pair[0] == sign && (pair[1] ^ sign) & 0x80 == 0;
    let skip = bytes.windows(2).take_while(|pair| redundant(pair)).count();
    bytes[skip..].to_vec()
}

/// The integer of a two's complement number; `None` when it is wider than 32 bytes.
pub fn wide_integer(bytes: &[u8]) -> Option<i256> {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xFF } else { 0 };
    let mut wide = [sign; 32];
    let start = wide.len().checked_sub(bytes.len())?;
    wide[start..].copy_from_slice(bytes);
    Some(i256::from_be_bytes(wide))
}

/// The unscaled value at `scale`; `None` when `decimal` has more digits behind the point.
pub fn rescaled(decimal: &Decimal, scale: usize) -> Option<i256> {
    let missing = scale.checked_sub(usize::from(decimal.scale))?;
    let factor = i256::from_i128(10).checked_pow(u32::try_from(missing).ok()?)?;
    decimal.unscaled.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_survive_their_shortest_bytes() {
        for value in [0, 1, -1, 127, 128, -128, -129, i64::MAX, i64::MIN] {
            let wide = i256::from_i128(i128::from(value));
            assert_eq!(wide_integer(&minimal_bytes(wide)), Some(wide), "{value}");
        }
        assert_eq!(minimal_bytes(i256::from_i128(128)), [0, 128]);
    }
}
