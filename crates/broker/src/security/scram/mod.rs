//! SCRAM: the mechanism, the credentials it needs, and the requests that show and change them.

mod alter;
mod credential;
mod describe;
mod exchange;
mod first;
mod hash;
mod messages;
#[cfg(test)]
mod tests;

pub(crate) use alter::alter;
pub(crate) use credential::Credential;
pub(crate) use describe::describe;
pub(crate) use exchange::{Challenged, Invalid, server_nonce};
pub(crate) use first::FirstUser;
pub(crate) use hash::Hash;
