//! Declaration of one option: its name, its older names, what it accepts, its default and its
//! meaning. Tables of these are the only place where a property's name is known.

/// A property that a connector understands.
#[derive(Clone, Copy, Debug)]
pub struct OptionDef {
    /// Its present name. A name that ends in `.*` stands for all properties with that prefix.
    pub name: &'static str,
    /// Older names for the same thing.
    pub aliases: &'static [&'static str],
    /// What it accepts.
    pub kind: Kind,
    /// Its value when absent; `None` without a default.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

/// What an option accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Any text, never shown.
    Password,
    /// A whole number within bounds.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these words, whatever the case.
    OneOf(&'static [&'static str]),
    /// Regular expressions, separated by commas.
    Patterns,
    /// A list, separated by commas.
    List,
    /// A list of these words, separated by commas.
    Items(&'static [&'static str]),
    /// Understood and without effect here; the documentation says why.
    Ignored,
    /// Must have this value when given, because another one is not supported yet.
    Only(&'static str),
    /// May not be given, because it would change what is captured and that is not supported; the
    /// text says what to do instead.
    Refused(&'static str),
}

impl OptionDef {
    /// An optional option without default.
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, aliases: &[], kind, default: None, required: false, doc }
    }

    /// The same with older names.
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The same with a default.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The same, required.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Whether `property` is one of this option's names.
    pub fn is_named(&self, property: &str) -> bool {
        std::iter::once(&self.name).chain(self.aliases).any(|name| matches(name, property))
    }

    /// Whether the option stands for a family of properties.
    pub fn is_prefix(&self) -> bool {
        self.name.ends_with(".*")
    }
}

fn matches(name: &str, property: &str) -> bool {
    match name.strip_suffix('*') {
        Some(prefix) => property.starts_with(prefix) && property.len() > prefix.len(),
        None => name == property,
    }
}

impl Kind {
    /// What is wrong with `value`, if anything.
    pub fn check(&self, value: &str) -> Option<String> {
        match self {
            Self::Text | Self::Password | Self::Ignored | Self::List => None,
            Self::Integer { min, max } => check_integer(value, *min, *max),
            Self::Boolean => check_word(value, &["true", "false"]),
            Self::OneOf(words) => check_word(value, words),
            Self::Items(words) => value.split(',').find_map(|item| check_word(item, words)),
            Self::Patterns => crate::pattern::check_list(value),
            Self::Only(only) => check_only(value, only),
            Self::Refused(instead) => Some(format!("is not supported; {instead}")),
        }
    }
}

fn check_integer(value: &str, min: i64, max: i64) -> Option<String> {
    match value.trim().parse::<i64>() {
        Ok(number) if (min..=max).contains(&number) => None,
        _ => {
            Some(format!("'{value}' is not valid; a whole number from {min} to {max} is expected"))
        }
    }
}

fn check_word(value: &str, words: &[&str]) -> Option<String> {
    let known = words.iter().any(|word| word.eq_ignore_ascii_case(value.trim()));
    (!known).then(|| format!("'{value}' is not valid; expected is one of {}", words.join(", ")))
}

fn check_only(value: &str, only: &str) -> Option<String> {
    (!only.eq_ignore_ascii_case(value.trim()))
        .then(|| format!("'{value}' is not supported yet; only '{only}' is"))
}
