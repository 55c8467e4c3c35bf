//! ksqlDB's REST query tests (spec section 10.7): statements and queries as clients send them, against a
//! whole engine over a log in memory; the answers are compared as JSON.

mod answers;
mod node;
mod run;

pub use run::run;
