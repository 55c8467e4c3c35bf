//! Avro's rules for names: `[A-Za-z_][A-Za-z0-9_]*`, in a full name several of them with dots.

use std::sync::Arc;

use crate::{Error, Result};

/// The primitive types' words.
pub(super) const PRIMITIVES: [&str; 8] =
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// Whether `name` (without dots) is a name.
///
/// # Errors
/// `InvalidSchema` with the offending name.
pub fn check_name(name: &str) -> Result<()> {
    let mut bytes = name.bytes();
    let problem = match bytes.next() {
        None => "Empty name".to_owned(),
        Some(first) if !(first.is_ascii_alphabetic() || first == b'_') => {
            format!("Illegal initial character: {name}")
        }
        Some(_) if !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            format!("Illegal character in: {name}")
        }
        Some(_) => return Ok(()),
    };
    Err(Error::InvalidSchema(problem))
}

/// `name` with every character that a name may not hold turned into `_`.
pub fn sanitize(name: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut clean: String = name.chars().map(legal).collect();
    if clean.starts_with(|c: char| c.is_ascii_digit()) {
        clean.insert(0, '_');
    }
    clean
}

/// The full name that `name` stands for within `namespace`.
pub(super) fn qualify(name: &str, namespace: Option<&str>) -> Arc<str> {
    match namespace {
        Some(space) if !space.is_empty() && !name.contains('.') => format!("{space}.{name}").into(),
        _ => name.into(),
    }
}

/// Namespace and simple name of a full name.
pub(super) fn split(full_name: &str) -> (Option<&str>, &str) {
    match full_name.rsplit_once('.') {
        Some((space, name)) => (Some(space), name),
        None => (None, full_name),
    }
}
