//! Connectors: sources that bring a database's changes into the log, and the runtime that starts
//! them, keeps their positions and restarts them.
//!
//! The engine calls [`Runtime`]; a connector is a type behind the [`Source`] trait, found by its
//! Kafka Connect class name. What a source captured and how far it came are one log commit, so a
//! restart at any moment neither repeats nor loses a record. This crate knows no query and no SQL.

mod api;
mod config;
mod convert;
mod decimal;
mod error;
mod metrics;
mod mysql;
mod outbox;
mod pattern;
mod runtime;
mod transform;

pub use api::{Claim, Context, Plugin, PluginKind, Source};
pub use config::{Kind, OptionDef, Settings};
pub use error::{Error, Problem, Result};
pub use metrics::Family;
pub use outbox::{Outbox, TargetId};
pub use runtime::{Description, Info, Progress, Runtime, Services, State, Status, TableProgress};
