//! Names that Avro accepts: letters, digits and underscores, dots between parts, no digit first.

/// `name` with what Avro forbids replaced by `_`, dots kept.
pub fn adjusted(name: &str) -> String {
    name.split('.').map(adjusted_field).collect::<Vec<_>>().join(".")
}

/// One part of a name, or a field's name, with what Avro forbids replaced by `_`.
pub fn adjusted_field(name: &str) -> String {
    let replaced: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    match replaced.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{replaced}"),
        Some(_) => replaced,
        None => "_".to_owned(),
    }
}
