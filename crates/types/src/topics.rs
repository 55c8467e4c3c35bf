//! Topics that belong to the server itself. SQL analysis, the engine, connectors and the broker ask here;
//! nothing is made or deleted here.

/// Internal topics, by prefix.
const PREFIXES: [&str; 5] =
    ["_confluent", "__confluent", "connect-configs", "connect-offsets", "connect-status"];
/// Internal topics, by name.
const NAMES: [&str; 3] = ["_schemas", "__consumer_offsets", "__transaction_state"];

/// What the names of topics begin with in which the broker keeps what it must remember.
const SEALED_PREFIX: &str = "__tidemill_";

/// Whether only the broker may read a topic and write to it: clients' credentials are in one of them.
pub fn is_sealed(topic: &str) -> bool {
    topic.starts_with(SEALED_PREFIX)
}

/// Whether a topic belongs to the server: lists leave it out, and nobody may write to it or delete it by
/// SQL.
pub fn is_internal(topic: &str) -> bool {
    is_sealed(topic)
        || NAMES.contains(&topic)
        || PREFIXES.iter().any(|prefix| topic.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_topics_are_told_from_the_users() {
        for internal in
            ["_schemas", "__transaction_state", "connect-offsets", "__tidemill_security"]
        {
            assert!(is_internal(internal), "{internal}");
        }
        for own in ["orders", "__debezium-heartbeat.shop", "_schemas_of_mine"] {
            assert!(!is_internal(own), "{own}");
        }
    }
}
