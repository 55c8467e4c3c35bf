//! `ssl.principal.mapping.rules`: from the name in a certificate to the name of a user. Rules are
//! separated by commas: `RULE:pattern/replacement/` with `L` or `U` behind for small or capital
//! letters, or `DEFAULT`, which takes the name as it is. The first whose pattern fits the whole name
//! decides.

use fancy_regex::Regex;

/// Rules in order.
#[derive(Debug)]
pub(super) struct Mapping {
    rules: Vec<Rule>,
}

#[derive(Debug)]
enum Rule {
    Default,
    Replace { pattern: Box<Regex>, replacement: String, case: Case },
}

#[derive(Clone, Copy, Debug)]
enum Case {
    Kept,
    Lower,
    Upper,
}

impl Mapping {
    /// Reads the property's value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(value: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        let mut rest = value.trim();
        while !rest.is_empty() {
            let (rule, after) = next_rule(rest)?;
            rules.push(rule);
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return Err(format!("'{after}' is not a rule")),
            };
        }
        Ok(Self { rules })
    }

    /// The user with that name in the certificate; `None` when no rule fits.
    pub(super) fn user(&self, name: &str) -> Option<String> {
        self.rules.iter().find_map(|rule| rule.apply(name))
    }
}

impl Rule {
    fn apply(&self, name: &str) -> Option<String> {
        let Self::Replace { pattern, replacement, case } = self else {
            return Some(name.to_owned());
        };
        // A pattern that takes too long fits nobody.
        let found = pattern.find(name).ok().flatten()?;
        if found.range() != (0..name.len()) {
            return None;
        }
        let replaced = pattern.replace(name, replacement.as_str());
        Some(match case {
            Case::Kept => replaced.into_owned(),
            Case::Lower => replaced.to_lowercase(),
            Case::Upper => replaced.to_uppercase(),
        })
    }
}

fn next_rule(text: &str) -> Result<(Rule, &str), String> {
    if let Some(rest) = text.strip_prefix("DEFAULT") {
        return Ok((Rule::Default, rest));
    }
    let wrong = || format!("'{text}' is neither DEFAULT nor RULE:pattern/replacement/");
    let rest = text.strip_prefix("RULE:").ok_or_else(wrong)?;
    let (pattern, rest) = until_slash(rest).ok_or_else(wrong)?;
    let (replacement, rest) = until_slash(rest).ok_or_else(wrong)?;
    let (case, rest) = match rest.chars().next() {
        Some('L') => (Case::Lower, &rest[1..]),
        Some('U') => (Case::Upper, &rest[1..]),
        _ => (Case::Kept, rest),
    };
    // The whole name must match, as far as alternatives go, too.
    let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
    let replacement = braced(replacement);
    Ok((Rule::Replace { pattern: Box::new(regex), replacement, case }, rest))
}

/// The text up to a slash that has no backslash before it, and what follows.
fn until_slash(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.find(|c| {
        let ends = c == '/' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// Java ends a group's number at the first character that is no digit; here braces say where.
fn braced(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        out.push_str(before);
        match digits {
            0 => out.push_str("$$"),
            _ => {
                out.push_str("${");
                out.push_str(&after[..digits]);
                out.push('}');
            }
        }
        rest = &after[digits..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_decides() {
        let mapping = Mapping::read(
            "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1_x/, RULE:^CN=(.*?),OU=(.*?),.*$/$1@$2/L, \
             RULE:^cn=(.*?)$/$1/U,DEFAULT",
        )
        .expect("right");
        let user = |name| mapping.user(name).expect("there is a default");
        assert_eq!(user("CN=kafka,OU=ServiceUsers,O=Unknown"), "kafka_x");
        assert_eq!(user("CN=Alice,OU=Admin,C=DE"), "alice@admin");
        assert_eq!(user("cn=bob"), "BOB");
        assert_eq!(user("O=else"), "O=else");
    }

    #[test]
    fn only_whole_names_fit() {
        let mapping = Mapping::read("RULE:CN=([a-z]+)|x/$1/").expect("right");
        assert_eq!(mapping.user("CN=alice").as_deref(), Some("alice"));
        assert_eq!(mapping.user("CN=alice,O=y"), None);
    }

    #[test]
    fn mistakes_are_refused() {
        for wrong in ["RULE:a/b", "RULE:(/b/", "default", "DEFAULT;DEFAULT"] {
            assert!(Mapping::read(wrong).is_err(), "{wrong}");
        }
    }
}
