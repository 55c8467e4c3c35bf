//! Why a payload can't be decoded: a reason and the path to the value, for the processing log.

use std::fmt;

/// What is wrong with one payload, built up while the decoder returns to the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    reason: String,
    /// From the innermost value outwards, each with its separator: `[2]`, `.NAME`.
    path: Vec<String>,
}

/// Result of decoding one value.
pub type Decode<T> = std::result::Result<T, Box<Fault>>;

impl Fault {
    /// A fault of the value at hand.
    pub fn new(reason: impl Into<String>) -> Box<Self> {
        Box::new(Self { reason: reason.into(), path: Vec::new() })
    }

    /// A value of kind `found` where `required` was needed.
    pub fn conversion(found: &str, required: &str) -> Box<Self> {
        Self::new(format!("Can't convert type. sourceType: {found}, requiredType: {required}"))
    }

    /// The same fault, seen from the record that holds the value as `name`.
    pub fn within_field(mut self: Box<Self>, name: &str) -> Box<Self> {
        self.path.push(format!(".{name}"));
        self
    }

    /// The same fault, seen from the array that holds the value at `index`.
    pub fn within_item(mut self: Box<Self>, index: usize) -> Box<Self> {
        self.path.push(format!("[{index}]"));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        if !self.path.is_empty() {
            f.write_str(", path: $")?;
        }
        self.path.iter().rev().try_for_each(|step| f.write_str(step))
    }
}
