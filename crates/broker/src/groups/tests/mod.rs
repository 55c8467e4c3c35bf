//! Groups as clients see them: over the wire, across restarts, with time.

mod administration;
mod classic;
mod consumer;
mod consumer_member;
mod member;
mod migration;
mod offsets;
mod rolling;
mod versions;
