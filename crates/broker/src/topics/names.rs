//! Names of topics: which are allowed, which belong to the broker itself, and which may not stand
//! beside each other. The rules are Kafka's.

use std::sync::Arc;

use commitlog::Log as _;

use crate::Broker;

/// The longest name.
const NAME_BYTES_MAX: usize = 249;

/// Topics that clients are told are internal.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// The topic of Kafka's own metadata; nobody may call theirs so.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Whether clients are told that the topic is internal.
pub(crate) fn is_internal(name: &str) -> bool {
    INTERNAL.contains(&name)
}

/// Whether the broker cannot do without the topic, so that nobody may delete it.
pub(crate) fn is_own(name: &str) -> bool {
    is_internal(name) || types::topics::is_sealed(name)
}

/// Whether clients may not create a topic of that name.
pub(super) fn is_reserved(name: &str) -> bool {
    name == METADATA_TOPIC || types::topics::is_sealed(name)
}

/// Fails with the reason unless a topic may be called `name`.
pub(super) fn check(name: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() {
        return Err("Topic name is invalid: it must not be empty.".to_owned());
    }
    if name == "." || name == ".." {
        return Err("Topic name is invalid: '.' and '..' are not allowed.".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        let length = name.len();
        return Err(format!(
            "Topic name is invalid: its length of {length} exceeds {NAME_BYTES_MAX} characters."
        ));
    }
    if !name.bytes().all(allowed) {
        return Err(format!(
            "Topic name is invalid: '{name}' holds other characters than ASCII letters and digits, \
             '.', '_' and '-'."
        ));
    }
    Ok(())
}

/// The topic that `name`, which nobody has yet, would collide with.
pub(super) fn collision(broker: &Broker, name: &str) -> Option<Arc<str>> {
    if !can_collide(name) {
        return None;
    }
    let topics = broker.log.topics();
    topics.into_iter().map(|topic| topic.name).find(|other| collide(name, other))
}

/// Whether two different names become one where Kafka's metrics put '_' for '.'.
pub(super) fn collide(one: &str, other: &str) -> bool {
    let unify = |byte: u8| if byte == b'.' { b'_' } else { byte };
    one.len() == other.len() && one.bytes().map(unify).eq(other.bytes().map(unify))
}

/// Whether `name` could collide with any other at all.
pub(super) fn can_collide(name: &str) -> bool {
    name.contains(['.', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_rules_for_names() {
        for good in ["a", "orders.v1", "A_b-C.9", &"x".repeat(249)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "ä", "a/b", &"x".repeat(250)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dots_and_underscores_collide() {
        assert!(collide("a.b_c", "a_b.c"));
        assert!(!collide("a.b", "a-b"));
        assert!(!collide("a.b", "a.bc"));
    }
}
