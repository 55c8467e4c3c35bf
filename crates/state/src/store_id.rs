//! Which store of which task: the prefix of its keys in the backend.

use std::fmt;

/// A store of one partition of one query.
///
/// Its prefix is `<application id> 00 <store> 00 <partition, 4 bytes big endian>`; names hold no zero
/// byte, so prefixes of different stores never collide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreId {
    /// The query's application id.
    pub application: String,
    /// The store's name within the query.
    pub store: String,
    /// The partition.
    pub partition: i32,
}

impl StoreId {
    /// Names a store.
    pub fn new(application: impl Into<String>, store: impl Into<String>, partition: i32) -> Self {
        Self { application: application.into(), store: store.into(), partition }
    }

    /// The prefix of all keys of all stores of `application`.
    pub fn application_prefix(application: &str) -> Vec<u8> {
        let mut prefix = application.as_bytes().to_vec();
        prefix.push(0);
        prefix
    }

    /// The prefix of this store's keys.
    pub(crate) fn prefix(&self) -> Vec<u8> {
        let mut prefix = Self::application_prefix(&self.application);
        prefix.extend_from_slice(self.store.as_bytes());
        prefix.push(0);
        prefix.extend_from_slice(&self.partition.to_be_bytes());
        prefix
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.application, self.store, self.partition)
    }
}
