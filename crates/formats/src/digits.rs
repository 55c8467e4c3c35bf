//! Integers as decimal text, straight into a buffer.

/// The pairs `00` to `99`, so that two digits are written per division.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// Appends the decimal text of `value`.
pub fn write(value: i64, out: &mut Vec<u8>) {
    let mut buffer = [0_u8; 20];
    let mut start = buffer.len();
    let mut rest = value.unsigned_abs();
    while rest >= 10 {
        let pair = usize::try_from(rest % 100).expect("a pair is below 100") * 2;
        rest /= 100;
        start -= 2;
        buffer[start..start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    let written = start < buffer.len();
    if rest > 0 || !written {
        start -= 1;
        buffer[start] = b'0' + u8::try_from(rest).expect("a digit is below 10");
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[start..]);
}

#[cfg(test)]
mod tests {
    #[test]
    fn integers_print_as_the_standard_library_prints_them() {
        for value in [0, 7, -7, 10, 99, 100, 101, -1000, 12345, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            super::write(value, &mut out);
            assert_eq!(String::from_utf8(out).expect("digits"), value.to_string());
        }
    }
}
