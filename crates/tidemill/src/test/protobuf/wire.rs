//! Protobuf's wire format: tagged fields of varints, fixed-width numbers and length-prefixed bytes.

/// A field's value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire<'a> {
    /// A varint or fixed-width number.
    Number(u64),
    /// Length-prefixed bytes: a text, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// Appends a varint.
pub fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Appends a signed varint whose sign is its lowest bit.
pub fn zigzag(value: i64, out: &mut Vec<u8>) {
    varint(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
}

/// Appends a length-prefixed field.
pub fn bytes_field(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    varint(u64::from(number) << 3 | 2, out);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Appends a varint field.
pub fn varint_field(number: u32, value: i64, out: &mut Vec<u8>) {
    varint(u64::from(number) << 3, out);
    varint(value.cast_unsigned(), out);
}

/// Takes a varint off the front.
///
/// # Errors
/// When the bytes end within it.
pub fn read_varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or("the message ends within a varint")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a varint is too long".to_owned())
}

/// Takes a signed varint off the front.
///
/// # Errors
/// When the bytes end within it.
pub fn read_zigzag(bytes: &mut &[u8]) -> Result<i64, String> {
    read_varint(bytes).map(|raw| (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
}

/// Takes a fixed-width number off the front.
///
/// # Errors
/// When there are too few bytes.
pub fn read_fixed<const N: usize>(bytes: &mut &[u8]) -> Result<u64, String> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or("the message ends too early")?;
    *bytes = rest;
    let mut wide = [0; 8];
    wide[..N].copy_from_slice(taken);
    Ok(u64::from_le_bytes(wide))
}

/// All fields of a message in their order.
///
/// # Errors
/// When the bytes are no message.
pub fn fields(mut bytes: &[u8]) -> Result<Vec<(u32, Wire<'_>)>, String> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = read_varint(&mut bytes)?;
        let number = u32::try_from(tag >> 3).map_err(|error| error.to_string())?;
        let value = match tag & 7 {
            0 => Wire::Number(read_varint(&mut bytes)?),
            1 => Wire::Number(read_fixed::<8>(&mut bytes)?),
            5 => Wire::Number(read_fixed::<4>(&mut bytes)?),
            2 => {
                let length = usize::try_from(read_varint(&mut bytes)?);
                let split = length.ok().and_then(|length| bytes.split_at_checked(length));
                let (taken, rest) = split.ok_or("the message ends within a field")?;
                bytes = rest;
                Wire::Bytes(taken)
            }
            other => return Err(format!("unknown wire type {other}")),
        };
        found.push((number, value));
    }
    Ok(found)
}
