//! Groups as clients see them: over the wire, across restarts, with time.

mod administration;
mod classic;
mod consumer;
mod member;
mod offsets;
mod versions;
