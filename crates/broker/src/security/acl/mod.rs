//! ACLs: what they are, what they say, and the requests that show and change them.

mod create;
mod delete;
mod describe;
mod entry;
mod filter;
mod index;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use describe::describe;
pub(crate) use entry::{Acl, CLUSTER_NAME};
pub(crate) use index::{Asked, Index, Verdict};
pub(crate) use words::{Operation, ResourceType};
