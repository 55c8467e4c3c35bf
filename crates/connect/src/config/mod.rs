//! Connector configuration: options are declared once as [`OptionDef`] tables and validated as a
//! whole, so that an error names every wrong property at once.

mod definition;
mod secrets;
mod settings;
#[cfg(test)]
mod tests;

pub use definition::{Kind, OptionDef};
pub use secrets::{masked, unmasked};
pub use settings::Settings;
