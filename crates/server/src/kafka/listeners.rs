//! `kafka.listeners` and `kafka.advertised.listeners`, as Kafka writes them: `NAME://host:port`,
//! separated by commas.

use std::collections::BTreeMap;

use crate::Listener;

/// Where Kafka clients are served.
pub const PROPERTY: &str = "kafka.listeners";
const ADVERTISED: &str = "kafka.advertised.listeners";
const PROTOCOLS: &str = "kafka.listener.security.protocol.map";
const DEFAULT: &str = "PLAINTEXT://127.0.0.1:9092";
const PORT_DEFAULT: u16 = 9092;
/// Addresses that a socket may listen on but no client can connect to.
const UNROUTABLE: [&str; 2] = ["0.0.0.0", "::"];

/// How a listener's connections are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Clear text, nobody is asked who they are.
    Plaintext,
    /// TLS.
    Ssl,
    /// Clear text with SASL.
    SaslPlaintext,
    /// TLS with SASL.
    SaslSsl,
}

impl SecurityProtocol {
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "PLAINTEXT" => Some(Self::Plaintext),
            "SSL" => Some(Self::Ssl),
            "SASL_PLAINTEXT" => Some(Self::SaslPlaintext),
            "SASL_SSL" => Some(Self::SaslSsl),
            _ => None,
        }
    }
}

/// One listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaListener {
    /// Its name; clients never see it.
    pub name: String,
    /// How its connections are protected.
    pub protocol: SecurityProtocol,
    /// Where it listens.
    pub address: Listener,
    /// Where clients are told to connect to; where it listens unless set.
    pub advertised: Option<Listener>,
}

/// Every listener of the door.
pub type Listeners = Vec<KafkaListener>;

/// The listeners that `properties` describe; what is wrong is added to `problems`.
pub fn read(properties: &BTreeMap<String, String>, problems: &mut Vec<String>) -> Listeners {
    let value = properties.get(PROPERTY).map_or(DEFAULT, String::as_str);
    let protocols = protocols(properties, problems);
    let mut advertised: BTreeMap<String, Listener> = BTreeMap::new();
    for (name, address) in addresses(ADVERTISED, properties.get(ADVERTISED), problems) {
        advertised.insert(name, address);
    }
    let mut listeners = Listeners::new();
    for (name, address) in addresses(PROPERTY, Some(&value.to_owned()), problems) {
        let Some(protocol) =
            protocols.get(&name).copied().or_else(|| SecurityProtocol::parse(&name))
        else {
            problems.push(format!(
                "{PROPERTY}: '{name}' is not PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; say in \
                 {PROTOCOLS} which of them it means, for instance {name}:PLAINTEXT"
            ));
            continue;
        };
        let advertised = advertised.remove(&name);
        if advertised.is_none() && UNROUTABLE.contains(&address.host.as_str()) {
            problems.push(format!(
                "{PROPERTY}: no client can connect to {}; name the host that they know in \
                 {ADVERTISED}, for instance {name}://HOST:{}",
                address.host, address.port
            ));
        }
        listeners.push(KafkaListener { name, protocol, address, advertised });
    }
    for name in advertised.keys() {
        problems.push(format!("{ADVERTISED}: there is no listener '{name}' in {PROPERTY}"));
    }
    listeners
}

fn protocols(
    properties: &BTreeMap<String, String>,
    problems: &mut Vec<String>,
) -> BTreeMap<String, SecurityProtocol> {
    let mut protocols = BTreeMap::new();
    for entry in items(properties.get(PROTOCOLS)) {
        let parsed = entry.split_once(':').and_then(|(name, protocol)| {
            Some((name.trim().to_ascii_uppercase(), SecurityProtocol::parse(protocol.trim())?))
        });
        match parsed {
            Some((name, protocol)) => {
                protocols.insert(name, protocol);
            }
            None => problems.push(format!(
                "{PROTOCOLS}: '{entry}' is not NAME:PROTOCOL with a protocol out of PLAINTEXT, SSL, \
                 SASL_PLAINTEXT and SASL_SSL"
            )),
        }
    }
    protocols
}

fn addresses(
    property: &str,
    value: Option<&String>,
    problems: &mut Vec<String>,
) -> Vec<(String, Listener)> {
    let mut addresses: Vec<(String, Listener)> = Vec::new();
    for item in items(value) {
        match address(item) {
            Some((name, _)) if addresses.iter().any(|(known, _)| *known == name) => {
                problems.push(format!("{property}: '{name}' is there twice"));
            }
            Some(named) => addresses.push(named),
            None => problems.push(format!(
                "{property}: '{item}' is not an address; expected is NAME://HOST:PORT, for instance \
                 PLAINTEXT://127.0.0.1:{PORT_DEFAULT}"
            )),
        }
    }
    addresses
}

fn address(item: &str) -> Option<(String, Listener)> {
    let (name, address) = item.split_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // Kafka takes an empty host for every address of the machine.
    let host = if bare.is_empty() { "0.0.0.0" } else { bare };
    let listener = Listener { host: host.to_owned(), port: port.parse().ok()? };
    (!name.is_empty()).then(|| (name.to_ascii_uppercase(), listener))
}

fn items(value: Option<&String>) -> impl Iterator<Item = &str> {
    value.map_or("", String::as_str).split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners(properties: &[(&str, &str)]) -> Result<Listeners, Vec<String>> {
        let properties =
            properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut problems = Vec::new();
        let listeners = read(&properties.collect(), &mut problems);
        if problems.is_empty() { Ok(listeners) } else { Err(problems) }
    }

    #[test]
    fn clients_of_this_machine_by_default() {
        let listeners = listeners(&[]).expect("defaults are right");
        assert_eq!(listeners[0].address, Listener::loopback(9092));
        assert_eq!(listeners[0].protocol, SecurityProtocol::Plaintext);
    }

    #[test]
    fn names_stand_for_protocols() {
        let listeners = listeners(&[
            ("kafka.listeners", "INSIDE://:9092, outside://0.0.0.0:9093"),
            ("kafka.advertised.listeners", "INSIDE://db.lan:9092,OUTSIDE://[::1]:1"),
            ("kafka.listener.security.protocol.map", "INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL"),
        ])
        .expect("right");
        assert_eq!(listeners[0].advertised.as_ref().map(|a| a.host.as_str()), Some("db.lan"));
        assert_eq!(listeners[1].protocol, SecurityProtocol::SaslSsl);
    }

    #[test]
    fn every_mistake_names_its_remedy() {
        let problems = listeners(&[
            ("kafka.listeners", "INSIDE://a:1,PLAINTEXT://0.0.0.0:2,nonsense"),
            ("kafka.advertised.listeners", "ELSEWHERE://a:1"),
        ])
        .expect_err("wrong")
        .join("\n");
        for word in ["'INSIDE' is not", "no client can connect", "'nonsense'", "'ELSEWHERE'"] {
            assert!(problems.contains(word), "{word}: {problems}");
        }
    }
}
