//! Positions in texts and bytes: SUBSTRING, INSTR, LPAD and RPAD. Positions count from 1, in UTF-16
//! units or bytes.

use super::rows::{map2, map3, map4};
use super::utf16::{Units, as_int};
use crate::{Registry, Scalar};

const CATEGORY: &str = "STRING";
/// Padding to more than this fails, lest one row takes all memory.
const PADDED_LENGTH_MAX: usize = 1 << 26;

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [substring(), instr(), lpad(), rpad()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn substring() -> Scalar {
    Scalar::new(
        "SUBSTRING",
        CATEGORY,
        "The part from a position on, perhaps of limited length; negative positions count from the end.",
    )
    .overload("(STRING, INT) -> STRING", |call| {
        map2(call, |text: &str, position: i32| part_of_text(text, position, i32::MAX))
    })
    .overload("(STRING, INT, INT) -> STRING", |call| map3(call, part_of_text))
    .overload("(BYTES, INT) -> BYTES", |call| {
        map2(call, |bytes: &[u8], position: i32| part_of_bytes(bytes, position, i32::MAX))
    })
    .overload("(BYTES, INT, INT) -> BYTES", |call| map3(call, part_of_bytes))
}

fn instr() -> Scalar {
    Scalar::new(
        "INSTR",
        CATEGORY,
        "The position of a substring, perhaps from a position on (negative: backwards from the end) \
         and of a certain occurrence; 0 if there is none.",
    )
    .overload("(STRING, STRING) -> INT", |call| {
        map2(call, |text: Option<&str>, part: Option<&str>| position_of(text, part, Some(1), Some(1)))
    })
    .overload("(STRING, STRING, INT) -> INT", |call| {
        map3(call, |text: Option<&str>, part: Option<&str>, from: Option<i32>| {
            position_of(text, part, from, Some(1))
        })
    })
    .overload("(STRING, STRING, INT, INT) -> INT", |call| map4(call, position_of))
}

fn lpad() -> Scalar {
    Scalar::new("LPAD", CATEGORY, "Padded on the left, or cut, to a length.")
        .overload("(STRING, INT, STRING) -> STRING", |call| {
            map3(call, |text: &str, length: i32, padding: &str| {
                pad_text(text, length, padding, pad_left)
            })
        })
        .overload("(BYTES, INT, BYTES) -> BYTES", |call| map3(call, pad_left::<u8>))
}

fn rpad() -> Scalar {
    Scalar::new("RPAD", CATEGORY, "Padded on the right, or cut, to a length.")
        .overload("(STRING, INT, STRING) -> STRING", |call| {
            map3(call, |text: &str, length: i32, padding: &str| {
                pad_text(text, length, padding, pad_right)
            })
        })
        .overload("(BYTES, INT, BYTES) -> BYTES", |call| map3(call, pad_right::<u8>))
}

fn part_of_text(text: &str, position: i32, length: i32) -> String {
    let units = Units::of(text);
    let (start, end) = range(units.len(), position, length);
    units.slice(start, end).into_owned()
}

fn part_of_bytes(bytes: &[u8], position: i32, length: i32) -> Vec<u8> {
    let (start, end) = range(bytes.len(), position, length);
    bytes[start..end].to_vec()
}

/// The part of `len` units that a position and a length mean; 0 means the start.
fn range(len: usize, position: i32, length: i32) -> (usize, usize) {
    let distance = position.unsigned_abs() as usize;
    let start = if position < 0 {
        len.saturating_sub(distance)
    } else {
        distance.saturating_sub(1).min(len)
    };
    let length = usize::try_from(length).unwrap_or(0);
    (start, start.saturating_add(length).min(len))
}

fn position_of(
    text: Option<&str>,
    part: Option<&str>,
    position: Option<i32>,
    occurrence: Option<i32>,
) -> i32 {
    let (Some(text), Some(part), Some(position), Some(occurrence)) =
        (text, part, position, occurrence)
    else {
        return 0;
    };
    let (text, part): (Vec<u16>, Vec<u16>) =
        (text.encode_utf16().collect(), part.encode_utf16().collect());
    let Some(skipped) = occurrence.checked_sub(1).and_then(|n| usize::try_from(n).ok()) else {
        return 0;
    };
    let Some(last) = text.len().checked_sub(part.len()) else { return 0 };
    let matches = |start: &usize| text[*start..].starts_with(&part);
    let distance = position.unsigned_abs() as usize;
    let found = match position {
        0 => None,
        1.. => (distance - 1..=last).filter(matches).nth(skipped),
        _ => {
            let from = text.len().checked_sub(distance).map(|from| from.min(last));
            from.and_then(|from| (0..=from).rev().filter(matches).nth(skipped))
        }
    };
    found.map_or(0, |start| as_int(start + 1))
}

/// Pads a slice of units or bytes; NULL for a negative length or nothing to pad with.
type Pad<T> = fn(&[T], i32, &[T]) -> Result<Option<Vec<T>>, String>;

fn pad_text(
    text: &str,
    length: i32,
    padding: &str,
    pad: Pad<u16>,
) -> Result<Option<String>, String> {
    let text: Vec<u16> = text.encode_utf16().collect();
    let padding: Vec<u16> = padding.encode_utf16().collect();
    Ok(pad(&text, length, &padding)?.map(|units| String::from_utf16_lossy(&units)))
}

fn pad_left<T: Copy>(units: &[T], length: i32, padding: &[T]) -> Result<Option<Vec<T>>, String> {
    let Some(length) = padded_length(length, padding.is_empty())? else { return Ok(None) };
    let kept = &units[..units.len().min(length)];
    let missing = padding.iter().cycle().take(length - kept.len());
    Ok(Some(missing.chain(kept).copied().collect()))
}

fn pad_right<T: Copy>(units: &[T], length: i32, padding: &[T]) -> Result<Option<Vec<T>>, String> {
    let Some(length) = padded_length(length, padding.is_empty())? else { return Ok(None) };
    Ok(Some(units.iter().chain(padding.iter().cycle()).take(length).copied().collect()))
}

fn padded_length(length: i32, nothing_to_pad_with: bool) -> Result<Option<usize>, String> {
    let Ok(length) = usize::try_from(length) else { return Ok(None) };
    if length > PADDED_LENGTH_MAX {
        return Err(format!("can't pad to {length}: more than {PADDED_LENGTH_MAX}"));
    }
    Ok((!nothing_to_pad_with).then_some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_texts() {
        for (text, position, length, expected) in [
            ("some_string", 6, i32::MAX, "string"),
            ("some_string", 6, 3, "str"),
            ("short", 6, i32::MAX, ""),
            ("short", 99, 2, ""),
            ("some", 0, 2, "so"),
            ("some", -2, 1, "m"),
            ("some", -9, 2, "so"),
            ("some", 2, -1, ""),
            ("a😀b", 4, 1, "b"),
        ] {
            assert_eq!(
                part_of_text(text, position, length),
                expected,
                "{text} {position} {length}"
            );
        }
        assert_eq!(part_of_bytes(b"another", 6, 9), b"er");
    }

    #[test]
    fn positions_of_parts() {
        for (part, position, occurrence, expected) in [
            ("or", 1, 1, 2),
            ("or", 4, 1, 5),
            ("or", 4, 2, 14),
            ("or", -4, 2, 2),
            ("or", -1, 1, 14),
            ("or", 0, 1, 0),
            ("or", 99, 1, 0),
            ("or", -99, 1, 0),
            ("or", 1, 0, 0),
            ("or", 1, 4, 0),
            ("longer than the text", 1, 1, 0),
        ] {
            let found =
                position_of(Some("corporate floor"), Some(part), Some(position), Some(occurrence));
            assert_eq!(found, expected, "{part} {position} {occurrence}");
        }
        assert_eq!(position_of(None, Some("a"), Some(1), Some(1)), 0);
    }

    #[test]
    fn padding() {
        let left =
            |text, length, padding| pad_text(text, length, padding, pad_left).expect("short");
        let right =
            |text, length, padding| pad_text(text, length, padding, pad_right).expect("short");
        assert_eq!(left("foo", 7, "Bar").as_deref(), Some("BarBfoo"));
        assert_eq!(right("foo", 7, "Bar").as_deref(), Some("fooBarB"));
        assert_eq!(left("foo", 2, "Bar").as_deref(), Some("fo"));
        assert_eq!(right("", 7, "Bar").as_deref(), Some("BarBarB"));
        assert_eq!(left("foo", -1, "Bar"), None);
        assert_eq!(right("foo", 7, ""), None);
        assert!(pad_text("foo", i32::MAX, "x", pad_right).is_err());
    }
}
