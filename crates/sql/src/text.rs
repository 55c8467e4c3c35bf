//! Small pieces of the wording of messages.

/// `A`, `A or B`, `A, B or C`.
pub fn one_of(items: &[String]) -> String {
    joined(items, "or")
}

/// `A`, `A and B`, `A, B and C`.
pub fn all_of(items: &[String]) -> String {
    joined(items, "and")
}

fn joined(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// `` `name` `` with backquotes doubled.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `UPPER_UNDERSCORE` as `UpperUnderscore`.
pub fn camel_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            text.extend(first.to_uppercase());
            text.push_str(&letters.as_str().to_lowercase());
        }
    }
    text
}
