//! Unscaled decimals as big-endian bytes in two's complement, as Java's `BigInteger` has them.

use arrow_buffer::i256;

/// The integer that the bytes spell, zero for none; `None` beyond 256 bits.
pub fn read(bytes: &[u8]) -> Option<i256> {
    let fill = if bytes.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0 };
    let mut wide = [fill; 32];
    let start = wide.len().checked_sub(bytes.len())?;
    wide[start..].copy_from_slice(bytes);
    Some(i256::from_be_bytes(wide))
}

/// Calls `write` with the fewest bytes that spell `value`.
pub fn write<T>(value: i256, write: impl FnOnce(&[u8]) -> T) -> T {
    let wide = value.to_be_bytes();
    let sign = if wide[0] & 0x80 == 0 { 0 } else { 0xff };
    let spare = wide.windows(2).take_while(|w| w[0] == sign && (w[1] & 0x80) == (sign & 0x80));
    write(&wide[spare.count()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_bytes_come_back() {
        let table: [(i128, &[u8]); 5] =
            [(0, &[0]), (127, &[127]), (128, &[0, 128]), (-128, &[128]), (-129, &[0xff, 0x7f])];
        for (value, bytes) in table {
            let value = i256::from_i128(value);
            write(value, |written| assert_eq!(written, bytes));
            assert_eq!(read(bytes), Some(value));
        }
        assert_eq!(read(&[0; 33]), None);
    }
}
