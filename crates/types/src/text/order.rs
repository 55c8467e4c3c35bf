//! The order of strings: by UTF-16 code unit, as Java's `String.compareTo` sees them.

use std::cmp::Ordering;

/// Bytes from here on lead a character that is at least U+E000.
const LEAD_E000: u8 = 0xEE;
/// Bytes from here on lead a character beyond U+FFFF, which UTF-16 writes with surrogates.
const LEAD_SURROGATES: u8 = 0xF0;

/// Compares two texts by UTF-16 code unit. It differs from the order of UTF-8 bytes only where a
/// character beyond U+FFFF (surrogates, from D800) meets one from U+E000 to U+FFFF.
pub fn compare_utf16(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let order = left.cmp(right);
    if order == Ordering::Equal {
        return order;
    }
    let differing = left.iter().zip(right).find(|(l, r)| l != r);
    match differing {
        Some((&l, &r)) if l >= LEAD_E000 && r >= LEAD_E000 => {
            let beyond = (l >= LEAD_SURROGATES, r >= LEAD_SURROGATES);
            if beyond.0 == beyond.1 { order } else { order.reverse() }
        }
        _ => order,
    }
}
