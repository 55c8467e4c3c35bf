//! Scalar, aggregate and table functions over Arrow columns, and the registry that names them.

mod aggregates;
mod api;
mod builtin;
pub mod datetime;
mod error;
mod registry;
mod scalar;
mod scalars;
mod signature;
mod tables;

pub use api::{
    Accumulators, Aggregate, AggregateRef, AggregateResolution, Argument, ArgumentType, Call,
    Environment, Failures, Lambda, Resolution, Table, TableRef,
};
pub use error::{Error, Result};
pub use registry::Registry;
pub use scalar::{Evaluate, Overload, Parameter, Returns, Scalar};
