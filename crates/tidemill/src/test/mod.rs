//! `tidemill test`: runs ksqlDB's JSON test files through the engine in virtual time.
//!
//! Format and rules: spec section 10. Nothing in the engine knows that it is being tested; what only
//! the test files need (test functions, JSON to bytes) lives here.

mod actual;
mod avro;
mod case;
mod clock;
mod compare;
mod decimals;
mod executor;
mod functions;
mod json_schema;
mod outcome;
mod post;
mod post_topics;
mod protobuf;
mod query_run;
mod report;
mod rest;
mod serde;
mod statements;
mod stub;
mod topic_serdes;
mod topics;
mod verify;

pub use report::{Options, run};
