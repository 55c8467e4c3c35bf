//! Case, trimming, replacing and single characters.

use super::rows::{map1, map3};
use super::utf16;
use crate::{Registry, Scalar};

const CATEGORY: &str = "STRING";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [lcase(), ucase(), trim(), initcap(), len(), replace(), chr()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn lcase() -> Scalar {
    Scalar::new("LCASE", CATEGORY, "The text in lower case.")
        .overload("(STRING) -> STRING", |call| map1(call, str::to_lowercase))
}

fn ucase() -> Scalar {
    Scalar::new("UCASE", CATEGORY, "The text in upper case.")
        .overload("(STRING) -> STRING", |call| map1(call, str::to_uppercase))
}

fn trim() -> Scalar {
    Scalar::new("TRIM", CATEGORY, "The text without blanks and control characters around it.")
        .overload("(STRING) -> STRING", |call| {
            map1(call, |text: &str| text.trim_matches(|c| c <= ' ').to_owned())
        })
}

fn initcap() -> Scalar {
    Scalar::new(
        "INITCAP",
        CATEGORY,
        "Each word with a capital first letter and the rest in lower case.",
    )
    .overload("(STRING) -> STRING", |call| map1(call, capitalized))
}

fn len() -> Scalar {
    Scalar::new("LEN", CATEGORY, "The length of a text in UTF-16 units, or of BYTES in bytes.")
        .overload("(STRING) -> INT", |call| {
            map1(call, |text: &str| utf16::as_int(utf16::len(text)))
        })
        .overload("(BYTES) -> INT", |call| map1(call, |bytes: &[u8]| utf16::as_int(bytes.len())))
}

fn replace() -> Scalar {
    Scalar::new("REPLACE", CATEGORY, "The text with every occurrence of a substring replaced.")
        .overload("(STRING, STRING, STRING) -> STRING", |call| {
            map3(call, |text: &str, old: &str, new: &str| text.replace(old, new))
        })
}

fn chr() -> Scalar {
    Scalar::new("CHR", CATEGORY, "The character of a code point, or of \\uXXXX codes.")
        .overload("(INT) -> STRING", |call| map1(call, character))
        .overload("(STRING) -> STRING", |call| map1(call, unescaped))
}

fn capitalized(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        if at_start {
            result.extend(c.to_uppercase());
        } else {
            result.extend(c.to_lowercase());
        }
        at_start = c.is_whitespace();
    }
    result
}

fn character(code: i32) -> Option<String> {
    u32::try_from(code).ok().and_then(char::from_u32).map(String::from)
}

/// The text of one or more `\uXXXX`, the hexadecimal codes of UTF-16 units.
fn unescaped(text: &str) -> Option<String> {
    let unit = |code: &str| {
        let is_hexadecimal = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hexadecimal.then(|| u16::from_str_radix(code, 16).ok()).flatten()
    };
    let units: Vec<u16> =
        text.strip_prefix("\\u")?.split("\\u").map(unit).collect::<Option<_>>()?;
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{bytes, evaluate, int, text};
    use types::Value;

    #[test]
    fn words_get_capitals() {
        assert_eq!(capitalized("the   Quick br0wn fOx"), "The   Quick Br0wn Fox");
        assert_eq!(capitalized("some_string"), "Some_string");
    }

    #[test]
    fn lengths_count_utf16_units() {
        assert_eq!(evaluate("LEN", &[text("a😀é")]), Value::Integer(4));
        assert_eq!(evaluate("LEN", &[bytes(b"abc")]), Value::Integer(3));
    }

    #[test]
    fn characters_come_from_codes() {
        assert_eq!(character(75).as_deref(), Some("K"));
        assert_eq!(character(0x1F600).as_deref(), Some("😀"));
        assert_eq!(character(-1), None);
        assert_eq!(unescaped("\\u004b").as_deref(), Some("K"));
        assert_eq!(unescaped("\\ud83d\\ude00").as_deref(), Some("😀"));
        for bad in ["004b", "\\u04b", "\\u+04b", "\\ud83d", "x\\u004b", ""] {
            assert_eq!(unescaped(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_blanks_and_controls_are_trimmed() {
        assert_eq!(evaluate("TRIM", &[text(" \t a\u{a0}\n")]), Value::string("a\u{a0}"));
        assert_eq!(
            evaluate("REPLACE", &[text("anaconda"), text("a"), text("o")]),
            Value::string("onocondo")
        );
        assert_eq!(evaluate("CHR", &[int(81)]), Value::string("Q"));
    }
}
