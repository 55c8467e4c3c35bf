//! DECIMAL as plain text.

use std::fmt::Write;

use arrow_buffer::i256;

/// Appends the plain text of an unscaled value, with all `scale` digits behind the point.
pub fn write_decimal(unscaled: i256, scale: u8, out: &mut String) {
    let start = out.len();
    match unscaled.to_i128() {
        Some(narrow) => write!(out, "{narrow}"),
        None => write!(out, "{unscaled}"),
    }
    .expect("writing to a String never fails");
    let scale = usize::from(scale);
    if scale == 0 {
        return;
    }
    let first_digit = start + usize::from(unscaled < i256::ZERO);
    while out.len() - first_digit <= scale {
        out.insert(first_digit, '0');
    }
    out.insert(out.len() - scale, '.');
}
