//! MASK and its relatives, which hide the characters of a text by their class.

use super::rows::{map1, map2, map5, map6};
use crate::{Registry, Scalar};

const CATEGORY: &str = "STRING";

/// A function that masks a part of the text.
macro_rules! mask_part {
    ($name:literal, $description:literal, $part:expr) => {
        Scalar::new($name, CATEGORY, $description)
            .overload("(STRING, INT) -> STRING", |call| {
                map2(call, |text: &str, n: i32| hide_part(&Masks::DEFAULT, text, $part, n))
            })
            .overload("(STRING, INT, STRING, STRING, STRING, STRING) -> STRING", |call| {
                map6(
                    call,
                    |text: &str,
                     n: i32,
                     upper: Option<&str>,
                     lower: Option<&str>,
                     digit: Option<&str>,
                     other: Option<&str>| {
                        hide_part(&Masks::new(upper, lower, digit, other), text, $part, n)
                    },
                )
            })
    };
}

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(mask());
    registry.add_scalar(mask_part!("MASK_LEFT", "Masks the first n characters.", Part::Left));
    registry.add_scalar(mask_part!("MASK_RIGHT", "Masks the last n characters.", Part::Right));
    registry.add_scalar(mask_part!(
        "MASK_KEEP_LEFT",
        "Masks all but the first n characters.",
        Part::AllButLeft
    ));
    registry.add_scalar(mask_part!(
        "MASK_KEEP_RIGHT",
        "Masks all but the last n characters.",
        Part::AllButRight
    ));
}

fn mask() -> Scalar {
    Scalar::new(
        "MASK",
        CATEGORY,
        "Replaces upper case letters, lower case letters, digits and all else by X, x, n and -, or by \
         the given characters; NULL keeps that class.",
    )
    .overload("(STRING) -> STRING", |call| map1(call, |text: &str| Masks::DEFAULT.hide(text, 0, usize::MAX)))
    .overload("(STRING, STRING, STRING, STRING, STRING) -> STRING", |call| {
        map5(call, |text: &str, upper: Option<&str>, lower: Option<&str>, digit: Option<&str>, other: Option<&str>| {
            Masks::new(upper, lower, digit, other).hide(text, 0, usize::MAX)
        })
    })
}

/// Which characters are hidden, given a number.
#[derive(Clone, Copy)]
enum Part {
    Left,
    Right,
    AllButLeft,
    AllButRight,
}

/// The replacement of each class of characters; `None` keeps it.
struct Masks {
    upper: Option<char>,
    lower: Option<char>,
    digit: Option<char>,
    other: Option<char>,
}

impl Masks {
    const DEFAULT: Self =
        Self { upper: Some('X'), lower: Some('x'), digit: Some('n'), other: Some('-') };

    fn new(
        upper: Option<&str>,
        lower: Option<&str>,
        digit: Option<&str>,
        other: Option<&str>,
    ) -> Self {
        let first = |text: Option<&str>| text.and_then(|text| text.chars().next());
        Self { upper: first(upper), lower: first(lower), digit: first(digit), other: first(other) }
    }

    /// Hides the UTF-16 units from `start` to before `end`.
    fn hide(&self, text: &str, start: usize, end: usize) -> String {
        let mut result = String::with_capacity(text.len());
        let mut position = 0;
        for c in text.chars() {
            let mask = if (start..end).contains(&position) { self.of(c) } else { None };
            match mask {
                Some(mask) => result.extend(std::iter::repeat_n(mask, c.len_utf16())),
                None => result.push(c),
            }
            position += c.len_utf16();
        }
        result
    }

    fn of(&self, c: char) -> Option<char> {
        // Characters of two UTF-16 units are of no class, because each half is looked at alone.
        if c.len_utf16() > 1 {
            self.other
        } else if c.is_uppercase() {
            self.upper
        } else if c.is_lowercase() {
            self.lower
        } else if c.is_ascii_digit() {
            self.digit
        } else {
            self.other
        }
    }
}

fn hide_part(masks: &Masks, text: &str, part: Part, n: i32) -> Result<String, String> {
    let n = usize::try_from(n).map_err(|_| format!("the number of characters is negative: {n}"))?;
    let len = super::utf16::len(text);
    let (start, end) = match part {
        Part::Left => (0, n),
        Part::Right => (len.saturating_sub(n), len),
        Part::AllButLeft => (n.min(len), len),
        Part::AllButRight => (0, len.saturating_sub(n)),
    };
    Ok(masks.hide(text, start, end))
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{evaluate, fails, int, null, text};
    use types::{SqlType, Value};

    #[test]
    fn characters_are_masked_by_class() {
        assert_eq!(evaluate("MASK", &[text("AbC#$123xy Z")]), Value::string("XxX--nnnxx-X"));
        let custom = [text("Ab1-"), text("u"), null(SqlType::String), text("9"), text("")];
        assert_eq!(evaluate("MASK", &custom), Value::string("ub9-"));
    }

    #[test]
    fn parts_are_masked() {
        for (name, n, expected) in [
            ("MASK_LEFT", 3, "XxX#$123"),
            ("MASK_LEFT", 99, "XxX--nnn"),
            ("MASK_RIGHT", 2, "AbC#$1nn"),
            ("MASK_KEEP_LEFT", 4, "AbC#-nnn"),
            ("MASK_KEEP_RIGHT", 3, "XxX--123"),
        ] {
            assert_eq!(
                evaluate(name, &[text("AbC#$123"), int(n)]),
                Value::string(expected),
                "{name}"
            );
        }
        assert!(fails("MASK_LEFT", &[text("a"), int(-1)]));
    }
}
