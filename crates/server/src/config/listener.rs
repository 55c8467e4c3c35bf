//! One address to listen on, as listener properties write it: `http://host:port`.

use std::fmt;
use std::str::FromStr;

/// Host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Name or address; IPv6 addresses without brackets.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
}

impl Listener {
    /// A listener that only this machine can reach.
    pub fn loopback(port: u16) -> Self {
        Self { host: "127.0.0.1".to_owned(), port }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Listener {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("https://") {
            return Err(format!("'{text}': TLS is not supported yet; use http://"));
        }
        let wrong = || format!("'{text}' is not an address; expected is http://HOST:PORT");
        let rest = text.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
        let (host, port) = rest.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        if host.is_empty() || host.contains('/') {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

/// The listeners of a property: separated by commas, none when it is empty.
///
/// # Errors
/// What is wrong with one of them.
pub fn parse_list(value: &str) -> Result<Vec<Listener>, String> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_and_ports() {
        let listeners = parse_list("http://0.0.0.0:8088, http://[::1]:1/").expect("well formed");
        let shown: Vec<String> = listeners.iter().map(Listener::to_string).collect();
        assert_eq!(shown, ["0.0.0.0:8088", "[::1]:1"]);
        assert_eq!(parse_list(" ").expect("none"), []);
        assert!(parse_list("https://a:1").expect_err("no TLS").contains("TLS"));
        assert!(parse_list("a:1").is_err());
        assert!(parse_list("http://a:70000").is_err());
    }
}
