//! Which values of a configuration are secrets, and how they are shown.

use std::collections::BTreeMap;

use super::{Kind, OptionDef};

/// What is shown instead of a secret.
pub const HIDDEN: &str = "[hidden]";

/// Parts of the names of secrets, also of those that mean something to other systems only.
const SECRET_PARTS: [&str; 5] = ["password", "passphrase", "secret", "jaas.config", "credentials"];

/// `config` with every secret hidden.
pub fn masked(
    options: &[&'static [OptionDef]],
    config: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let shown = |(name, value): (&String, &String)| {
        let is_hidden = is_secret(options, name) && !value.is_empty();
        (name.clone(), if is_hidden { HIDDEN.to_owned() } else { value.clone() })
    };
    config.iter().map(shown).collect()
}

/// Puts the secrets of `before` where `config` has what is shown instead, as in a configuration that
/// was read, changed and sent back.
pub fn unmasked(
    options: &[&'static [OptionDef]],
    mut config: BTreeMap<String, String>,
    before: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    for (name, value) in &mut config {
        if value == HIDDEN
            && is_secret(options, name)
            && let Some(secret) = before.get(name)
        {
            value.clone_from(secret);
        }
    }
    config
}

fn is_secret(options: &[&'static [OptionDef]], name: &str) -> bool {
    let lowered = name.to_ascii_lowercase();
    let is_password = |option: &OptionDef| option.kind == Kind::Password && option.is_named(name);
    options.iter().copied().flatten().any(is_password)
        || SECRET_PARTS.iter().any(|part| lowered.contains(part))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{HIDDEN, masked, unmasked};
    use crate::config::{Kind, OptionDef};

    const OPTIONS: &[OptionDef] = &[OptionDef::new("pin", Kind::Password, "")];

    #[test]
    fn secrets_are_hidden_and_come_back() {
        let config = BTreeMap::from(
            [("pin", "1"), ("user", "u"), ("x.sasl.jaas.config", "s"), ("a.Password", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let shown = masked(&[OPTIONS], &config);
        assert_eq!(shown["pin"], HIDDEN);
        assert_eq!(shown["x.sasl.jaas.config"], HIDDEN);
        assert_eq!((shown["user"].as_str(), shown["a.Password"].as_str()), ("u", ""));
        assert_eq!(unmasked(&[OPTIONS], shown, &config), config);
    }
}
