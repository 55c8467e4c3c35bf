//! A validated configuration: every option has its value or default under its present name.

use std::collections::BTreeMap;
use std::fmt;

use super::{Kind, OptionDef};
use crate::error::{Error, Problem, Result};

/// How far a wrong name may be from a known one to be suggested.
const SUGGESTION_DISTANCE_MAX: usize = 4;

/// Values by present name; prefix families by full name.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: some values are passwords.
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Settings {
    /// Checks `given` against the tables `options`.
    ///
    /// # Errors
    /// `Config` with every unknown, wrong, doubly given or missing property.
    pub fn validate(
        options: &[&'static [OptionDef]],
        given: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        let mut settings = Self::default();
        for (property, value) in given {
            settings.take(options, property, value, &mut problems);
        }
        for option in options.iter().copied().flatten() {
            settings.complete(option, &mut problems);
        }
        if problems.is_empty() { Ok(settings) } else { Err(Error::Config(problems)) }
    }

    fn take(
        &mut self,
        options: &[&'static [OptionDef]],
        property: &str,
        value: &str,
        problems: &mut Vec<Problem>,
    ) {
        let mut problem = |message: String| {
            problems.push(Problem { property: property.to_owned(), message });
        };
        let Some(option) = find(options, property) else {
            return problem(unknown(options, property));
        };
        if let Some(message) = option.kind.check(value) {
            return problem(message);
        }
        let name = if option.is_prefix() { property } else { option.name };
        match self.values.insert(name.to_owned(), value.trim().to_owned()) {
            Some(earlier) if earlier != value.trim() => {
                problem(format!("contradicts another name of the same option, '{name}'"));
            }
            _ => {}
        }
    }

    fn complete(&mut self, option: &OptionDef, problems: &mut Vec<Problem>) {
        if self.values.contains_key(option.name) {
            return;
        }
        match option.default {
            Some(default) => {
                self.values.insert(option.name.to_owned(), default.to_owned());
            }
            None if option.required => problems.push(Problem {
                property: option.name.to_owned(),
                message: format!("is missing; expected: {}", option.doc),
            }),
            None => {}
        }
    }

    /// The value of `name`, if it has one.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of `name`; empty when it has none.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The value of a word option, in lower case.
    pub fn word(&self, name: &str) -> String {
        self.text(name).to_ascii_lowercase()
    }

    /// The value of a whole-number option; 0 when it has none.
    pub fn integer(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    /// The value of a boolean option; false when it has none.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).eq_ignore_ascii_case("true")
    }

    /// The values of a list option.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.text(name).split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    /// The properties of a family, without the prefix.
    pub fn family(&self, prefix: &str) -> BTreeMap<String, String> {
        self.values
            .iter()
            .filter_map(|(name, value)| {
                name.strip_prefix(prefix).map(|rest| (rest.to_owned(), value.clone()))
            })
            .collect()
    }
}

fn find(options: &[&'static [OptionDef]], property: &str) -> Option<&'static OptionDef> {
    let all = || options.iter().copied().flatten();
    all()
        .find(|option| !option.is_prefix() && option.is_named(property))
        .or_else(|| all().find(|option| option.is_named(property)))
}

fn unknown(options: &[&'static [OptionDef]], property: &str) -> String {
    let names = options
        .iter()
        .copied()
        .flatten()
        .filter(|option| !option.is_prefix() && option.kind != Kind::Ignored)
        .flat_map(|option| std::iter::once(&option.name).chain(option.aliases));
    let closest = names
        .map(|name| (distance(name, property), name))
        .min()
        .filter(|(distance, _)| *distance <= SUGGESTION_DISTANCE_MAX);
    match closest {
        Some((_, name)) => format!("is not a known property; did you mean '{name}'?"),
        None => "is not a known property of this connector".to_owned(),
    }
}

/// Edit distance, for suggestions only.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}
