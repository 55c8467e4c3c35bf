//! Filters by regular expression as Debezium reads them: a comma-separated list of expressions, each
//! matching a whole name, whatever the case; and lookups that stay linear in their number.

use fancy_regex::Regex;

use crate::error::{Error, Result};

/// A list of anchored expressions.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<Regex>);

impl Patterns {
    /// Compiles a comma-separated list for option `property`.
    ///
    /// # Errors
    /// `Config` when an expression does not compile.
    pub fn try_new(property: &str, list: &str) -> Result<Self> {
        let compiled: std::result::Result<Vec<Regex>, String> =
            split(list).into_iter().map(|item| compile(&item)).collect();
        compiled.map(Self).map_err(|message| Error::property(property, message))
    }

    /// Whether any expression matches all of `name`. One that gives up counts as no match.
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|regex| regex.is_match(name).unwrap_or(false))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is wrong with a list of expressions, if anything.
pub fn check_list(list: &str) -> Option<String> {
    split(list).iter().find_map(|item| compile(item).err())
}

fn compile(item: &str) -> std::result::Result<Regex, String> {
    Regex::new(&format!("(?i)^(?:{item})$"))
        .map_err(|error| format!("'{item}' is not a valid regular expression: {error}"))
}

/// Splits at commas that are not escaped by a backslash.
fn split(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&',') => {
                characters.next();
                push(&mut items, ',');
            }
            ',' => items.push(String::new()),
            other => push(&mut items, other),
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn push(items: &mut [String], character: char) {
    if let Some(last) = items.last_mut() {
        last.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn expressions_are_anchored_and_ignore_case() {
        let patterns = Patterns::try_new("t", r"shop\.orders, shop\.c.*").unwrap();
        assert!(patterns.matches("Shop.Orders"));
        assert!(patterns.matches("shop.customers"));
        assert!(!patterns.matches("myshop.orders"));
        assert!(!patterns.matches("shop.orders2"));
    }

    #[test]
    fn an_escaped_comma_belongs_to_the_expression() {
        let patterns = Patterns::try_new("t", r"a{1\,2}").unwrap();
        assert!(patterns.matches("aa"));
        assert!(!patterns.matches("aaa"));
    }
}
