//! Casts from STRING.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder,
    Time32MillisecondBuilder, TimestampMillisecondBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};
use functions::Failures;
use types::{Decimal, SqlType, text};

use super::super::decimals::rescale;
use super::numbers::decimals;

/// Appends what each text parses to; a text that does not parse becomes NULL and is noted.
macro_rules! parsed {
    ($builder:ty, $texts:expr, $to:expr, $failures:expr, $parse:expr) => {{
        let mut builder = <$builder>::with_capacity($texts.len());
        for (row, text) in $texts.iter().enumerate() {
            let value = text.and_then($parse);
            if let (Some(text), None) = (text, &value) {
                $failures.push(row, complaint(text, $to));
            }
            builder.append_option(value);
        }
        Arc::new(builder.finish()) as ArrayRef
    }};
}

/// The strings of `array` as `to`.
pub(super) fn parse(array: &ArrayRef, to: &SqlType, failures: &mut Failures) -> ArrayRef {
    let texts = array.as_string::<i32>();
    match to {
        SqlType::Boolean => booleans(texts),
        SqlType::Integer => {
            parsed!(Int32Builder, texts, to, failures, |text| text.trim().parse::<i32>().ok())
        }
        SqlType::Bigint => {
            parsed!(Int64Builder, texts, to, failures, |text| text.trim().parse::<i64>().ok())
        }
        SqlType::Double => parsed!(Float64Builder, texts, to, failures, text::parse_double),
        SqlType::Decimal { .. } => parse_decimals(array, texts, to, failures),
        SqlType::Time => parsed!(Time32MillisecondBuilder, texts, to, failures, text::parse_time),
        SqlType::Date => parsed!(Date32Builder, texts, to, failures, text::parse_date),
        SqlType::Timestamp => {
            parsed!(TimestampMillisecondBuilder, texts, to, failures, text::parse_timestamp)
        }
        SqlType::Bytes => parse_bytes(texts, to, failures),
        other => unreachable!("CAST of STRING to {other} is refused by the planner"),
    }
}

fn complaint(text: &str, to: &SqlType) -> String {
    format!("can't cast {text:?} to {to}")
}

/// True for every prefix of `true` and `yes` in any case, false for all else.
fn booleans(texts: &StringArray) -> ArrayRef {
    let mut builder = BooleanBuilder::with_capacity(texts.len());
    for text in texts {
        builder.append_option(text.map(is_true));
    }
    Arc::new(builder.finish())
}

fn is_true(text: &str) -> bool {
    let begins =
        |word: &str| word.get(..text.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(text));
    !text.is_empty() && (begins("true") || begins("yes"))
}

fn parse_decimals(
    array: &ArrayRef,
    texts: &StringArray,
    to: &SqlType,
    failures: &mut Failures,
) -> ArrayRef {
    decimals(array, to, failures, |row, scale| {
        let decimal: Decimal = texts.value(row).trim().parse().ok()?;
        rescale(decimal.unscaled, -i32::from(decimal.scale), scale)
    })
}

fn parse_bytes(texts: &StringArray, to: &SqlType, failures: &mut Failures) -> ArrayRef {
    let mut builder = BinaryBuilder::with_capacity(texts.len(), texts.values().len());
    for (row, text) in texts.iter().enumerate() {
        let bytes = text.and_then(text::decode_base64);
        if let (Some(text), None) = (text, &bytes) {
            failures.push(row, complaint(text, to));
        }
        builder.append_option(bytes);
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_true_and_yes_are_true() {
        for text in ["true", "T", "tr", "YES", "y"] {
            assert!(is_true(text), "{text}");
        }
        for text in ["", "truer", "no", "false", "1", "é"] {
            assert!(!is_true(text), "{text}");
        }
    }
}
