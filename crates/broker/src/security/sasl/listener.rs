//! How clients of one listener authenticate themselves: its part of the broker's properties.

use std::collections::BTreeMap;
use std::time::Duration;

use super::mechanism::Mechanism;
use crate::Result;
use crate::security::listener_properties::{ListenerProperties, Property};
use crate::security::{jaas, secret};

/// The login module whose options are PLAIN's users.
const PLAIN_MODULE: &str = "PlainLoginModule";
/// Before the name of a user in its options.
const USER_PREFIX: &str = "user_";

/// The SASL settings of a listener.
pub struct SaslListener {
    pub(super) mechanisms: Vec<Mechanism>,
    /// Passwords of PLAIN's users.
    plain_users: BTreeMap<String, String>,
    /// `connections.max.reauth.ms` of each mechanism that has one.
    sessions_max: BTreeMap<Mechanism, Duration>,
}

impl SaslListener {
    /// Reads what `properties`, a broker's without the prefix `kafka.`, say for the listener called
    /// `name`. Those for one of its mechanisms go on with the mechanism's name in small letters.
    ///
    /// # Errors
    /// `Configuration`, which never holds a password.
    pub fn read(properties: &BTreeMap<String, String>, name: &str) -> Result<Self> {
        let properties = ListenerProperties::new(properties, name);
        let mechanisms = mechanisms(&properties)?;
        let mut sessions_max = BTreeMap::new();
        for mechanism in &mechanisms {
            if let Some(session_max) = session_max(&properties, *mechanism)? {
                sessions_max.insert(*mechanism, session_max);
            }
        }
        let plain_users = match mechanisms.contains(&Mechanism::Plain) {
            true => plain_users(&properties)?,
            false => BTreeMap::new(),
        };
        Ok(Self { mechanisms, plain_users, sessions_max })
    }

    /// How long a session of the mechanism may last before the client must authenticate again.
    pub(super) fn session_max(&self, mechanism: Mechanism) -> Option<Duration> {
        self.sessions_max.get(&mechanism).copied()
    }

    /// Whether PLAIN's `user` has that password. Takes as long for a user who is none.
    pub(super) fn is_password(&self, user: &str, password: &str) -> bool {
        let known = self.plain_users.get(user);
        let is_right =
            secret::same(known.map_or("", String::as_str).as_bytes(), password.as_bytes());
        known.is_some() && is_right
    }
}

impl std::fmt::Debug for SaslListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let users: Vec<&String> = self.plain_users.keys().collect();
        f.debug_struct("SaslListener")
            .field("mechanisms", &self.mechanisms)
            .field("plain_users", &users)
            .field("sessions_max", &self.sessions_max)
            .finish()
    }
}

fn mechanisms(properties: &ListenerProperties<'_>) -> Result<Vec<Mechanism>> {
    let Some(property) = properties.find("sasl.enabled.mechanisms") else {
        return Ok(Mechanism::ALL.to_vec());
    };
    let mechanism = |name: &str| {
        Mechanism::of_name(name).ok_or_else(|| {
            let known = Mechanism::ALL.map(Mechanism::name).join(", ");
            property.wrong(&format!("'{name}' is not supported; there are {known}"))
        })
    };
    let names = property.value.split(',').map(str::trim).filter(|name| !name.is_empty());
    match names.map(mechanism).collect() {
        Ok(mechanisms) if Vec::is_empty(&mechanisms) => Err(property.wrong("names no mechanism")),
        other => other,
    }
}

/// A property of the listener that may be written for one mechanism alone.
fn find_of<'a>(
    properties: &ListenerProperties<'a>,
    mechanism: Mechanism,
    name: &str,
) -> Option<Property<'a>> {
    let own = format!("{}.{name}", mechanism.name().to_lowercase());
    properties.find_own(&own).or_else(|| properties.find(name))
}

fn session_max(
    properties: &ListenerProperties<'_>,
    mechanism: Mechanism,
) -> Result<Option<Duration>> {
    let Some(property) = find_of(properties, mechanism, "connections.max.reauth.ms") else {
        return Ok(None);
    };
    let value = property.value.trim();
    let not_a_number = |_| property.wrong(&format!("'{value}' is not a whole number"));
    let session_max_ms: i64 = value.parse().map_err(not_a_number)?;
    let positive = u64::try_from(session_max_ms).ok().filter(|max_ms| *max_ms > 0);
    Ok(positive.map(Duration::from_millis))
}

fn plain_users(properties: &ListenerProperties<'_>) -> Result<BTreeMap<String, String>> {
    let found = find_of(properties, Mechanism::Plain, "sasl.jaas.config");
    let Some(property) = found else { return Ok(BTreeMap::new()) };
    let module = jaas::parse(property.value).map_err(|reason| property.wrong(&reason))?;
    if !module.class.ends_with(PLAIN_MODULE) {
        return Ok(BTreeMap::new());
    }
    let user = |(option, password): (String, String)| {
        Some((option.strip_prefix(USER_PREFIX)?.to_owned(), password))
    };
    Ok(module.options.into_iter().filter_map(user).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &[(&str, &str)]) -> Result<SaslListener> {
        let owned = properties.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        SaslListener::read(&owned, "CLIENTS")
    }

    #[test]
    fn the_most_specific_property_wins() {
        let jaas = |user: &str| format!("x.PlainLoginModule required user_{user}=\"secret\";");
        let listener = read(&[
            ("sasl.jaas.config", &jaas("any")),
            ("listener.name.clients.plain.sasl.jaas.config", &jaas("mine")),
            ("listener.name.clients.sasl.enabled.mechanisms", "PLAIN, SCRAM-SHA-512"),
            ("connections.max.reauth.ms", "1000"),
            ("listener.name.clients.plain.connections.max.reauth.ms", "0"),
        ])
        .expect("right");
        assert!(listener.is_password("mine", "secret"));
        assert!(!listener.is_password("mine", "Secret"));
        assert!(!listener.is_password("any", "secret") && !listener.is_password("any", ""));
        let names: Vec<_> = listener.mechanisms.iter().map(|m| m.name()).collect();
        assert_eq!(names, ["PLAIN", "SCRAM-SHA-512"]);
        assert_eq!(listener.session_max(Mechanism::Plain), None);
        let scram = Mechanism::of_name("SCRAM-SHA-512").expect("there is");
        assert_eq!(listener.session_max(scram), Some(Duration::from_secs(1)));
        assert!(!format!("{listener:?}").contains("secret"));
    }

    #[test]
    fn mistakes_are_told_without_passwords() {
        let mistakes = [
            ("sasl.enabled.mechanisms", "GSSAPI", "'GSSAPI' is not supported"),
            ("sasl.enabled.mechanisms", " ", "names no mechanism"),
            ("connections.max.reauth.ms", "long", "not a whole number"),
            ("sasl.jaas.config", "PlainLoginModule required user_a=secret", "semicolon"),
        ];
        for (name, value, reason) in mistakes {
            let error = read(&[(name, value)]).expect_err("wrong").to_string();
            assert!(error.contains(reason) && !error.contains("secret"), "{error}");
        }
    }
}
