//! Groups of the consumer protocol, heartbeat by heartbeat, without a log or a runtime.

mod assignors;
mod classic_client;
mod driver;
mod epochs;
mod membership;
mod mixed;
mod random;
mod reconciliation;
