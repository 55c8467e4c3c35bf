//! Groups of the consumer protocol, heartbeat by heartbeat, without a log or a runtime.

mod assignors;
mod driver;
mod epochs;
mod membership;
mod random;
mod reconciliation;
