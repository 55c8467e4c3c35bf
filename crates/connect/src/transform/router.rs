//! `RegexRouter`: renames topics.

use std::collections::BTreeMap;

use fancy_regex::Regex;

use super::refuse_unknown;
use crate::error::{Error, Result};

/// Replaces the topic when the expression matches all of it.
#[derive(Clone, Debug)]
pub struct RegexRouter {
    regex: Regex,
    replacement: String,
}

impl RegexRouter {
    /// The router called `name`.
    ///
    /// # Errors
    /// `Config` for a missing or wrong property.
    pub fn try_new(name: &str, properties: &BTreeMap<String, String>) -> Result<Self> {
        const KNOWN: [&str; 6] = [
            "type",
            "regex",
            "replacement",
            "topic.regex",
            "topic.replacement",
            "key.enforce.uniqueness",
        ];
        refuse_unknown(name, properties, &KNOWN)?;
        let get = |property: &str| {
            let debezium = format!("topic.{property}");
            let found = properties.get(property).or_else(|| properties.get(&debezium));
            found.ok_or_else(|| {
                Error::property(format!("transforms.{name}.{property}"), "is missing")
            })
        };
        let regex = Regex::new(&format!("^(?:{})$", get("regex")?))
            .map_err(|e| Error::property(format!("transforms.{name}.regex"), e.to_string()))?;
        Ok(Self { regex, replacement: braced(get("replacement")?) })
    }

    /// The topic that records of `topic` go to.
    pub fn route(&self, topic: &str) -> String {
        self.regex.replace(topic, self.replacement.as_str()).into_owned()
    }
}

/// Java's `$1x` is group 1 followed by `x`; here the group's number must stand in braces.
fn braced(replacement: &str) -> String {
    let mut braced = String::with_capacity(replacement.len() + 4);
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        braced.push(character);
        if character == '$' && characters.peek().is_some_and(char::is_ascii_digit) {
            braced.push('{');
            while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                braced.push(digit);
            }
            braced.push('}');
        }
    }
    braced
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::RegexRouter;

    #[test]
    fn routes_only_whole_matches() {
        let properties = BTreeMap::from(
            [("type", "r"), ("regex", r"([^.]+)\.([^.]+)\.([^.]+)"), ("replacement", "$3_x")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        let router = RegexRouter::try_new("route", &properties).unwrap();
        assert_eq!(router.route("shop.db.orders"), "orders_x");
        assert_eq!(router.route("shop.orders"), "shop.orders");
        let error = RegexRouter::try_new("route", &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("transforms.route.regex"));
    }
}
