//! The broker's properties about security, except those of listeners.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use super::scram::FirstUser;
use crate::{Error, Result};

/// Kafka's authorizers; what they do is built in here.
const AUTHORIZERS: [&str; 2] = [
    "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "kafka.security.authorizer.AclAuthorizer",
];
/// Default of `connection.failed.authentication.delay.ms`.
const FAILURE_DELAY_MS: u64 = 100;

/// What the properties say.
#[derive(Debug)]
pub(super) struct Settings {
    /// `None` when ACLs are not asked.
    pub(super) authorizer: Option<Authorizer>,
    /// Users who get a credential at start.
    pub(super) first_users: Vec<FirstUser>,
    /// `connection.failed.authentication.delay.ms`.
    pub(super) failure_delay: Duration,
    pub(super) connections: ConnectionLimits,
}

/// How ACLs are asked.
#[derive(Debug)]
pub(super) struct Authorizer {
    /// `super.users`, with their types.
    pub(super) super_users: HashSet<String>,
    /// `allow.everyone.if.no.acl.found`.
    pub(super) permits_unlisted: bool,
}

/// How many connections there may be.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    /// `max.connections`.
    pub(super) all_max: usize,
    /// `max.connections.per.ip.overrides`.
    pub(super) overrides: HashMap<IpAddr, usize>,
}

impl Settings {
    /// Reads a broker's properties, without the prefix `kafka.`.
    ///
    /// # Errors
    /// `Configuration`, which never holds a password.
    pub(super) fn read(properties: &BTreeMap<String, String>) -> Result<Self> {
        let first_users = Property::find(properties, "sasl.scram.bootstrap.users")
            .map(|property| FirstUser::read_all(property.value).map_err(|why| property.wrong(&why)))
            .transpose()?;
        let delay_ms = Property::find(properties, "connection.failed.authentication.delay.ms")
            .map_or(Ok(FAILURE_DELAY_MS), |property| property.number())?;
        Ok(Self {
            authorizer: authorizer(properties)?,
            first_users: first_users.unwrap_or_default(),
            failure_delay: Duration::from_millis(delay_ms),
            connections: ConnectionLimits::read(properties)?,
        })
    }
}

fn authorizer(properties: &BTreeMap<String, String>) -> Result<Option<Authorizer>> {
    let Some(class) = Property::find(properties, "authorizer.class.name") else { return Ok(None) };
    if !AUTHORIZERS.contains(&class.value) {
        let known =
            format!("'{}' is not an authorizer; expected is {}", class.value, AUTHORIZERS[0]);
        return Err(class.wrong(&known));
    }
    let super_users = Property::find(properties, "super.users").map_or("", |found| found.value);
    let super_users = super_users.split(';').map(str::trim).filter(|user| !user.is_empty());
    let permits_unlisted = Property::find(properties, "allow.everyone.if.no.acl.found")
        .map_or(Ok(false), |property| property.flag())?;
    Ok(Some(Authorizer { super_users: super_users.map(str::to_owned).collect(), permits_unlisted }))
}

impl ConnectionLimits {
    fn read(properties: &BTreeMap<String, String>) -> Result<Self> {
        let all_max = Property::find(properties, "max.connections")
            .map_or(Ok(usize::MAX), |property| property.number())?;
        let overrides = Property::find(properties, "max.connections.per.ip.overrides")
            .map(|property| property.overrides())
            .transpose()?;
        Ok(Self { all_max, overrides: overrides.unwrap_or_default() })
    }
}

/// A property that is set.
struct Property<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn find(properties: &'a BTreeMap<String, String>, name: &'a str) -> Option<Self> {
        let value = properties.get(name)?.trim();
        (!value.is_empty()).then_some(Self { name, value })
    }

    fn wrong(&self, reason: &str) -> Error {
        Error::Configuration(format!("kafka.{}: {reason}", self.name))
    }

    fn number<N: std::str::FromStr>(&self) -> Result<N> {
        let not_one = |_| self.wrong(&format!("'{}' is not a whole number", self.value));
        self.value.parse().map_err(not_one)
    }

    fn flag(&self) -> Result<bool> {
        let not_one = |_| self.wrong(&format!("'{}' is neither true nor false", self.value));
        self.value.to_lowercase().parse().map_err(not_one)
    }

    /// `address:number` separated by commas.
    fn overrides(&self) -> Result<HashMap<IpAddr, usize>> {
        let read = |item: &str| {
            let (address, number) = item.trim().rsplit_once(':')?;
            let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
            Some((address.to_canonical(), number.trim().parse().ok()?))
        };
        let wrong = |item: &str| self.wrong(&format!("'{item}' is not ADDRESS:NUMBER"));
        self.value.split(',').map(|item| read(item).ok_or_else(|| wrong(item))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &[(&str, &str)]) -> Result<Settings> {
        let owned = properties.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Settings::read(&owned)
    }

    #[test]
    fn nothing_is_asked_by_default() {
        let settings = read(&[("authorizer.class.name", " ")]).expect("right");
        assert!(settings.authorizer.is_none() && settings.first_users.is_empty());
        assert_eq!(settings.failure_delay, Duration::from_millis(100));
        assert_eq!(settings.connections.all_max, usize::MAX);
    }

    #[test]
    fn reads_users_and_limits() {
        let settings = read(&[
            ("authorizer.class.name", AUTHORIZERS[0]),
            ("super.users", "User:admin; User:CN=root,O=x"),
            ("allow.everyone.if.no.acl.found", "True"),
            ("max.connections.per.ip.overrides", "127.0.0.1:5,[::1]:6"),
        ])
        .expect("right");
        let authorizer = settings.authorizer.expect("is on");
        assert!(authorizer.super_users.contains("User:CN=root,O=x"));
        assert!(authorizer.permits_unlisted);
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(settings.connections.overrides.get(&loopback), Some(&5));
    }

    #[test]
    fn mistakes_name_their_property() {
        for (name, value) in [
            ("authorizer.class.name", "mine"),
            ("max.connections", "many"),
            ("max.connections.per.ip.overrides", "localhost:1"),
            ("sasl.scram.bootstrap.users", "x"),
            ("connection.failed.authentication.delay.ms", "-1"),
        ] {
            let error = read(&[(name, value)]).expect_err("wrong").to_string();
            assert!(error.contains(&format!("kafka.{name}: ")), "{error}");
        }
    }
}
