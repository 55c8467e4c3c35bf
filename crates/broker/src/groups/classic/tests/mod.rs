//! Classic groups, event by event, without a log or a runtime.

mod driver;
mod expiry;
mod joining;
mod offsets;
mod random;
mod statics;
mod syncing;
