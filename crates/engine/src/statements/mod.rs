//! Statements: read, validated as a batch, run one by one. One module per family.
//!
//! 1. [`script`] turns the request's text into statements, variables replaced.
//! 2. [`sandbox`] carries all of them out on a copy of the definitions, so that a batch with a wrong
//!    statement changes nothing.
//! 3. [`run`] runs each; what was run before a failure stays done.

mod assert;
mod batch;
mod connectors;
mod define;
mod describe;
mod describe_query;
mod drop;
mod explain;
mod fields;
mod insert;
mod insert_row;
mod list;
mod lookup;
mod overlay;
mod run;
mod sandbox;
mod script;
mod session;
mod steer;
mod view;

pub(crate) use batch::execute;
pub(crate) use insert_row::insert_row;
pub(crate) use script::{Parsed, parse};
pub(crate) use session::Session;
pub(crate) use view::View;
