//! Topics that belong to the server itself. SQL analysis and the engine's lists ask here; nothing is
//! made or deleted here.

/// Internal topics, by prefix.
const PREFIXES: [&str; 5] =
    ["_confluent", "__confluent", "connect-configs", "connect-offsets", "connect-status"];
/// Internal topics, by name.
const NAMES: [&str; 3] = ["_schemas", "__consumer_offsets", "__transaction_state"];

/// Whether a topic belongs to the server: lists leave it out, and nobody may write to it or delete it by
/// SQL.
pub fn is_internal(topic: &str) -> bool {
    NAMES.contains(&topic) || PREFIXES.iter().any(|prefix| topic.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_topics_are_told_from_the_users() {
        for internal in ["_schemas", "_confluent-ksql-default_command_topic", "connect-offsets"] {
            assert!(is_internal(internal), "{internal}");
        }
        for own in ["orders", "__debezium-heartbeat.shop", "_schemas_of_mine"] {
            assert!(!is_internal(own), "{own}");
        }
    }
}
