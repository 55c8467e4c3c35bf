//! What is known about security at a moment: the sum of all changes.

use std::collections::BTreeMap;

use super::acl::Index;
use super::change::Change;
use super::quotas::Quotas;
use super::scram::{Credential, Hash};

/// ACLs, credentials and quotas.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    pub(crate) acls: Index,
    /// Every user with SCRAM credentials; each has at least one.
    pub(crate) credentials: BTreeMap<String, BTreeMap<Hash, Credential>>,
    pub(crate) quotas: Quotas,
}

impl Knowledge {
    /// Takes up one change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Grant(acl) => self.acls.insert(acl),
            Change::Revoke(acl) => self.acls.remove(&acl),
            Change::Credential { user, hash, credential } => {
                self.set_credential(user, hash, credential);
            }
            Change::Quotas { entity, limits } => self.quotas.set(entity, limits),
        }
    }

    /// The credential of `user` for the mechanism that uses `hash`.
    pub(crate) fn credential(&self, user: &str, hash: Hash) -> Option<&Credential> {
        self.credentials.get(user)?.get(&hash)
    }

    fn set_credential(&mut self, user: String, hash: Hash, credential: Option<Credential>) {
        match credential {
            Some(credential) => {
                self.credentials.entry(user).or_default().insert(hash, credential);
            }
            None => {
                if let Some(of_user) = self.credentials.get_mut(&user) {
                    of_user.remove(&hash);
                    if of_user.is_empty() {
                        self.credentials.remove(&user);
                    }
                }
            }
        }
    }
}
