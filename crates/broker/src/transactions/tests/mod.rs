//! Transactions: the state machine alone, then as clients see them, over crashes of the broker.

mod application;
mod clients;
mod crashes;
mod machine;
mod offsets;
mod races;
mod timeouts;
mod tools;
