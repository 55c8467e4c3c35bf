//! Changes of what is known about security, and the records that keep them.
//!
//! Every change is one record of the topic `__tidemill_security`: one partition, compacted. Key and
//! value are JSON; a record without a value takes back what its key names.
//!
//! | key | value | meaning |
//! |---|---|---|
//! | `{"kind":"acl","resourceType":"TOPIC","resourceName":"a","patternType":"LITERAL","principal":"User:u","host":"*","operation":"READ","permission":"ALLOW"}` | `{}` | an ACL |
//! | `{"kind":"scram","user":"u","mechanism":"SCRAM-SHA-256"}` | `{"salt":..,"storedKey":..,"serverKey":..,"iterations":4096}`, bytes in base64 | a credential |
//! | `{"kind":"quota","entity":{"client-id":null,"user":"u"}}`, null standing for the default | `{"producer_byte_rate":1024.0}` | quotas of an entity |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::acl::Acl;
use super::quotas::{Entity, Limits};
use super::scram::{Credential, Hash};

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Adds an ACL.
    Grant(Acl),
    /// Takes an ACL away.
    Revoke(Acl),
    /// Gives a user a SCRAM credential, or takes it away.
    Credential { user: String, hash: Hash, credential: Option<Credential> },
    /// Sets all quotas of an entity; none are left when `limits` is empty.
    Quotas { entity: Entity, limits: Limits },
}

/// A record's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Key {
    Acl(Acl),
    Scram { user: String, mechanism: Hash },
    Quota { entity: Entity },
}

/// A record's key and value.
pub(crate) type Record = (Vec<u8>, Option<Vec<u8>>);

impl Change {
    /// The record that keeps the change.
    pub(crate) fn to_record(&self) -> Record {
        match self {
            Self::Grant(acl) => (json(&Key::Acl(acl.clone())), Some(b"{}".to_vec())),
            Self::Revoke(acl) => (json(&Key::Acl(acl.clone())), None),
            Self::Credential { user, hash, credential } => {
                let key = Key::Scram { user: user.clone(), mechanism: *hash };
                (json(&key), credential.as_ref().map(json))
            }
            Self::Quotas { entity, limits } => {
                let key = Key::Quota { entity: entity.clone() };
                (json(&key), (!limits.is_empty()).then(|| json(limits)))
            }
        }
    }

    /// The change that a record keeps; `None` when it makes no sense.
    pub(crate) fn of_record(key: Option<&[u8]>, value: Option<&[u8]>) -> Option<Self> {
        let key = serde_json::from_slice(key?).ok()?;
        match (key, value) {
            (Key::Acl(acl), Some(_)) => Some(Self::Grant(acl)),
            (Key::Acl(acl), None) => Some(Self::Revoke(acl)),
            (Key::Scram { user, mechanism: hash }, value) => {
                let credential = value.map(serde_json::from_slice).transpose().ok()?;
                Some(Self::Credential { user, hash, credential })
            }
            (Key::Quota { entity }, value) => {
                let limits =
                    value.map(serde_json::from_slice::<BTreeMap<_, _>>).transpose().ok()?;
                Some(Self::Quotas { entity, limits: limits.unwrap_or_default() })
            }
        }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and finite numbers are always JSON")
}
