//! Values of configuration entries: their types as the protocol numbers them, what is valid, and the
//! one way to write each down.

use std::fmt;

/// Type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    Double,
    /// Texts with commas between them.
    List,
    Class,
    /// A text that is never shown.
    Password,
}

impl Kind {
    /// The protocol's number of the type.
    pub(crate) fn code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }

    /// The type's name in documents.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Int => "int",
            Self::Short => "short",
            Self::Long => "long",
            Self::Double => "double",
            Self::List => "list",
            Self::Class => "class",
            Self::Password => "password",
        }
    }

    /// The value that `text` says.
    ///
    /// # Errors
    /// The reason why it is none.
    pub(crate) fn parse(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        match self {
            Self::Boolean => boolean(text).map(Value::Boolean),
            Self::Int => number(text, i64::from(i32::MIN)..=i64::from(i32::MAX)),
            Self::Short => number(text, i64::from(i16::MIN)..=i64::from(i16::MAX)),
            Self::Long => number(text, i64::MIN..=i64::MAX),
            Self::Double => double(text).map(Value::Double),
            Self::List => Ok(Value::List(list(text))),
            Self::String | Self::Class | Self::Password => Ok(Value::Text(text.to_owned())),
        }
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("it must be true or false".to_owned()),
    }
}

fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> Result<Value, String> {
    let parsed = text.parse().ok().filter(|number| range.contains(number));
    let bits = if *range.end() == i64::MAX { 64 } else { 64 - range.end().leading_zeros() + 1 };
    parsed.map(Value::Number).ok_or_else(|| format!("it must be a whole number of {bits} bits"))
}

fn double(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|number: &f64| number.is_finite());
    parsed.ok_or_else(|| "it must be a number".to_owned())
}

fn list(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(|item| item.trim().to_owned()).collect()
}

/// A value. Displayed, it is the one text that stands for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Number(i64),
    Double(f64),
    List(Vec<String>),
    Text(String),
}

impl Value {
    /// The number; 0 for a value that is none, which no entry of a numeric type has.
    pub(crate) fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            _ => 0,
        }
    }

    /// The number as a fraction.
    pub(crate) fn double(&self) -> f64 {
        match self {
            Self::Double(number) => *number,
            Self::Number(number) => *number as f64,
            _ => 0.0,
        }
    }

    /// Whether it is `true`.
    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Boolean(true)
    }

    /// Whether both are lists that differ at most in their order.
    pub(crate) fn has_same_items(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().all(|item| other.contains(item))
            }
            _ => false,
        }
    }

    /// Whether it is a list that holds `item`.
    pub(crate) fn holds(&self, item: &str) -> bool {
        matches!(self, Self::List(items) if items.iter().any(|held| held == item))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            // As Java does, 1.0 keeps its fraction.
            Self::Double(value) => write!(f, "{value:?}"),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Which values of its type an entry takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Valid {
    /// All.
    Any,
    /// Numbers from the first to the second, both included.
    Between(i64, i64),
    /// The same, or one further number.
    BetweenOr(i64, i64, i64),
    /// Fractions from the first to the second, both included.
    Fraction(f64, f64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of some of these texts, none twice.
    SomeOf(&'static [&'static str]),
    /// Only this text: anything else asks for what is not there.
    Only(&'static str),
}

impl Valid {
    /// Fails with the reason unless `value` is valid.
    pub(crate) fn check(self, value: &Value) -> Result<(), String> {
        let is_valid = match (self, value) {
            (Self::Between(min, max), Value::Number(number)) => (min..=max).contains(number),
            (Self::BetweenOr(min, max, or), Value::Number(number)) => {
                (min..=max).contains(number) || *number == or
            }
            (Self::Fraction(min, max), Value::Double(number)) => (min..=max).contains(number),
            (Self::OneOf(texts), Value::Text(text)) => texts.contains(&text.as_str()),
            (Self::SomeOf(texts), Value::List(items)) => are_some_of(items, texts),
            (Self::Only(text), value) => value.to_string() == text,
            _ => true,
        };
        if is_valid { Ok(()) } else { Err(format!("it must be {self}")) }
    }
}

fn are_some_of(items: &[String], texts: &[&str]) -> bool {
    let is_known = |item: &String| texts.contains(&item.as_str());
    let is_once = |item: &String| items.iter().filter(|other| *other == item).count() == 1;
    items.iter().all(|item| is_known(item) && is_once(item))
}

impl fmt::Display for Valid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Between(min, i64::MAX) => write!(f, "at least {min}"),
            Self::Between(min, max) if *max == i64::from(i32::MAX) => write!(f, "at least {min}"),
            Self::Between(min, max) => write!(f, "{min} to {max}"),
            Self::BetweenOr(min, max, or) => write!(f, "{min} to {max}, or {or}"),
            Self::Fraction(min, max) => write!(f, "{min} to {max}"),
            Self::OneOf(texts) => write!(f, "one of {}", texts.join(", ")),
            Self::SomeOf(texts) => write!(f, "some of {}", texts.join(", ")),
            Self::Only(text) => write!(f, "{text}"),
        }
    }
}
