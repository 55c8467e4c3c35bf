//! URIs as Java's `java.net.URI` reads them (RFC 2396 with its extensions), and form encoding.

/// The parts of a URI; absent ones are `None`. Escapes are decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Uri {
    /// `http`.
    pub scheme: Option<String>,
    /// The host, if the authority is a server.
    pub host: Option<String>,
    /// The port, if the authority is a server that names one.
    pub port: Option<i32>,
    /// The path; absent in opaque URIs such as `mailto:a@b`.
    pub path: Option<String>,
    /// What follows `?`.
    pub query: Option<String>,
    /// What follows `#`.
    pub fragment: Option<String>,
}

/// Characters that Java refuses in a URI although they are printable.
const REFUSED: &str = " \"<>\\^`{|}";

impl Uri {
    /// Reads a URI.
    ///
    /// # Errors
    /// When Java would refuse it.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_characters(text)?;
        let (rest, fragment) = cut(text, '#');
        let (scheme, rest) = read_scheme(rest)?;
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return Err(format!("the URI '{text}' has two fragments"));
        }
        if scheme.is_some() && rest.is_empty() {
            return Err(format!("the URI '{text}' has nothing behind its scheme"));
        }
        let mut uri = Self {
            scheme: scheme.map(str::to_owned),
            fragment: fragment.map(decoded),
            ..Self::default()
        };
        if uri.scheme.is_some() && !rest.starts_with('/') {
            return Ok(uri);
        }
        let (rest, query) = cut(rest, '?');
        uri.query = query.map(decoded);
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                if rest.is_empty() {
                    return Err(format!("the URI '{text}' has no authority"));
                }
                uri.read_authority(&rest[..end]);
                &rest[end..]
            }
            None => rest,
        };
        uri.path = Some(decoded(path));
        Ok(uri)
    }

    /// Sets host and port if the authority is `[user@]host[:port]` with a well-formed host.
    fn read_authority(&mut self, authority: &str) {
        let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (server, ""),
        };
        let port_number =
            port.bytes().all(|b| b.is_ascii_digit()).then(|| port.parse::<i32>().ok()).flatten();
        if !is_host(host) || (port_number.is_none() && !port.is_empty()) {
            return;
        }
        self.host = Some(host.to_owned());
        self.port = port_number;
    }
}

fn check_characters(text: &str) -> Result<(), String> {
    let is_refused = |c: char| REFUSED.contains(c) || c.is_control() || c.is_whitespace();
    if let Some(c) = text.chars().find(|c| is_refused(*c)) {
        return Err(format!("the URI '{text}' may not have the character '{c}'"));
    }
    let mut escapes = text.split('%').skip(1);
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !escapes.all(is_escape) {
        return Err(format!("the URI '{text}' has a malformed escape"));
    }
    Ok(())
}

/// The text before and, if there is one, behind the first `delimiter`.
fn cut(text: &str, delimiter: char) -> (&str, Option<&str>) {
    match text.split_once(delimiter) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

/// The scheme, if a colon comes before everything that ends it, and what follows it.
fn read_scheme(text: &str) -> Result<(Option<&str>, &str), String> {
    let Some(end) = text.find([':', '/', '?']).filter(|end| text[*end..].starts_with(':')) else {
        return Ok((None, text));
    };
    let (scheme, rest) = (&text[..end], &text[end + 1..]);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if is_scheme {
        Ok((Some(scheme), rest))
    } else {
        Err(format!("'{scheme}' is no scheme of a URI"))
    }
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_label = name.rsplit('.').next().unwrap_or("");
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    name.split('.').all(is_label)
        && (is_address || last_label.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Decodes `%XX`; what is no UTF-8 becomes U+FFFD.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decoded(text.as_bytes()).unwrap_or_default()).into_owned()
}

fn percent_decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit()?, digit()?);
        decoded.push(u8::try_from(high << 4 | low).ok()?);
    }
    Some(decoded)
}

/// As `application/x-www-form-urlencoded`: blanks become `+`.
pub fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => {
                encoded.push(byte.into())
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Undoes [`form_encoded`].
///
/// # Errors
/// When an escape is malformed.
pub fn form_decoded(text: &str) -> Result<String, String> {
    let bytes = percent_decoded(text.replace('+', " ").as_bytes());
    let bytes = bytes.ok_or_else(|| format!("malformed escape in '{text}'"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_those_of_java() {
        for line in include_str!("testdata/java_uri.txt").lines().skip(1) {
            let (text, expected) = line.split_once('\t').expect("a text and its parts");
            let shown = |part: Option<String>| part.unwrap_or_else(|| "null".to_owned());
            let parts = Uri::parse(text).map(|uri| {
                let port = uri.port.map(|port| port.to_string());
                [uri.scheme, uri.host, port, uri.path, uri.query, uri.fragment]
                    .map(shown)
                    .join("\t")
            });
            assert_eq!(parts.unwrap_or_else(|_| "!".to_owned()), expected, "{text}");
        }
    }
}
