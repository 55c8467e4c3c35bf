//! Decimal digits to and from Java's `BigInteger` bytes, for numbers of any length.

/// The unscaled value of decimal text `text` (`-12.30`) at `scale`: big-endian two's complement, as
/// short as it can be. Digits beyond the scale are cut; other characters are skipped.
pub fn unscaled_bytes(text: &str, scale: u32) -> Vec<u8> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(scale as usize);
    let all = whole.bytes().chain(padded).filter(u8::is_ascii_digit);
    let mut small: i128 = 0;
    let mut count = 0;
    for digit in all.clone() {
        count += 1;
        if count > 38 {
            return large(all, negative);
        }
        small = small * 10 + i128::from(digit - b'0');
    }
    shortest(&(if negative { -small } else { small }).to_be_bytes())
}

fn large(digits: impl Iterator<Item = u8>, negative: bool) -> Vec<u8> {
    // Little-endian magnitude, multiplied by ten per digit; 65 digits at most, so this is short.
    let mut magnitude: Vec<u8> = vec![0];
    for digit in digits {
        let mut carry = u32::from(digit - b'0');
        for byte in &mut magnitude {
            carry += u32::from(*byte) * 10;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            magnitude.push(carry as u8);
        }
    }
    magnitude.push(0);
    magnitude.reverse();
    if negative {
        negate(&mut magnitude);
    }
    shortest(&magnitude)
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes.iter_mut().rev() {
        let (value, overflowed) = (!*byte).overflowing_add(u8::from(carry));
        (*byte, carry) = (value, overflowed);
    }
}

/// Drops leading bytes that only repeat the sign.
fn shortest(bytes: &[u8]) -> Vec<u8> {
    let redundant = bytes
        .windows(2)
        .take_while(|pair| {
            (pair[0] == 0 && pair[1] & 0x80 == 0) || (pair[0] == 0xff && pair[1] & 0x80 != 0)
        })
        .count();
    bytes[redundant..].to_vec()
}

/// The decimal text of an unscaled value at `scale`.
pub fn text_of(unscaled: &[u8], scale: u32) -> String {
    let negative = unscaled.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut magnitude = unscaled.to_vec();
    if negative {
        negate(&mut magnitude);
    }
    let mut digits = Vec::new();
    while magnitude.iter().any(|byte| *byte != 0) {
        let mut remainder = 0u32;
        for byte in &mut magnitude {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = (value / 10) as u8;
            remainder = value % 10;
        }
        digits.push(b'0' + remainder as u8);
    }
    while digits.len() <= scale as usize {
        digits.push(b'0');
    }
    let mut text = String::with_capacity(digits.len() + 2);
    if negative {
        text.push('-');
    }
    for (position, digit) in digits.iter().rev().enumerate() {
        if position > 0 && digits.len() - position == scale as usize {
            text.push('.');
        }
        text.push(char::from(*digit));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{text_of, unscaled_bytes};

    #[test]
    fn small_numbers_are_as_short_as_javas() {
        assert_eq!(unscaled_bytes("0", 0), [0]);
        assert_eq!(unscaled_bytes("1.27", 2), [127]);
        assert_eq!(unscaled_bytes("1.28", 2), [0, 128]);
        assert_eq!(unscaled_bytes("-1.28", 2), [128]);
        assert_eq!(unscaled_bytes("-1.29", 2), [255, 127]);
        assert_eq!(unscaled_bytes("12.3", 2), [4, 206]);
    }

    #[test]
    fn any_length_comes_back() {
        let nines = "9".repeat(65);
        for text in ["0.00", "-0.01", "123.45", "-170141183460469231731687303715884105728.00"] {
            assert_eq!(text_of(&unscaled_bytes(text, 2), 2), *text);
        }
        assert_eq!(text_of(&unscaled_bytes(&nines, 0), 0), nines);
        let negative = format!("-{nines}");
        assert_eq!(text_of(&unscaled_bytes(&negative, 0), 0), negative);
    }
}
