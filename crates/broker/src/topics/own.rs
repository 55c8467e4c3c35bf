//! What clients may not do to the topics in which the broker keeps what it must remember. Kafka lets
//! administrators do anything to its internal topics, also what loses every group's offsets. Here they
//! may read and tune those that Kafka has, too, but not make them forget; and the form of those that only
//! this broker has is its own business.

use commitlog::TopicConfig;
use kafka_protocol::ResponseError;

use super::names;
use super::refusal::Refusal;

/// Fails if `name` is one of the broker's own topics; `what` could not be done, in a few words.
pub(super) fn refuse(name: &str, what: &str) -> Result<(), Refusal> {
    if names::is_own(name) {
        let message = format!("{what} '{name}': the broker keeps there what it must remember.");
        return Err(Refusal::new(ResponseError::InvalidRequest, message));
    }
    Ok(())
}

/// Fails if a topic called `name` would forget what the broker must remember, were it kept as `config`
/// says.
pub(super) fn check_config(name: &str, config: &TopicConfig) -> Result<(), Refusal> {
    if types::topics::is_sealed(name) {
        let message = format!("How '{name}' is kept is the broker's own business.");
        return Err(Refusal::new(ResponseError::PolicyViolation, message));
    }
    if names::is_own(name) && (config.delete || !config.compact) {
        let message = format!(
            "cleanup.policy of '{name}' must be 'compact': by any other the broker would forget what \
             it must remember."
        );
        return Err(Refusal::new(ResponseError::PolicyViolation, message));
    }
    Ok(())
}
