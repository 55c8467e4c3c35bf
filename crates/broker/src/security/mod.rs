//! Who a client is and what it may do: SASL, SCRAM credentials, ACLs and quotas.
//!
//! Handlers ask [`Security::allows`]; everything that changes is a [`Change`] kept in a topic of its
//! own (`journal`, `change`). Secrets are kept only in forms that cannot be used, and never logged.

mod acl;
mod authentication;
mod authorizer;
mod change;
mod connections;
mod dispatch;
mod jaas;
mod journal;
mod knowledge;
mod listener_properties;
mod quotas;
mod refusal;
mod sasl;
mod scram;
mod secret;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use acl::{Operation, ResourceType};
pub use authentication::Authentication;
pub(crate) use authorizer::Resource;
use change::Change;
pub use connections::{Admission, Turned};
pub(crate) use dispatch::{check_may_ask, dispatch, request_bytes_max, take_raw_token};
pub use listener_properties::{ListenerProperties, Property};
pub(crate) use quotas::HoldBack;
use refusal::Refusal;
pub use sasl::SaslListener;
pub(crate) use store::Security;
use store::change;
