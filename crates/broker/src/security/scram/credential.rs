//! What is kept of a password: enough to check it, not enough to use it.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use types::text::{decode_base64, write_base64};

use super::hash::Hash;

/// Fewest iterations that a credential may have, which is also what Kafka's tools choose.
pub(crate) const ITERATIONS_MIN: u32 = 4096;
/// Most of them.
pub(crate) const ITERATIONS_MAX: u32 = 16_384;

/// A user's credential for one mechanism (RFC 5802, section 3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    #[serde(with = "base64")]
    pub(crate) salt: Vec<u8>,
    #[serde(with = "base64")]
    pub(crate) stored_key: Vec<u8>,
    #[serde(with = "base64")]
    pub(crate) server_key: Vec<u8>,
    pub(crate) iterations: u32,
}

impl Credential {
    /// The credential of `password`.
    pub(crate) fn of_password(
        hash: Hash,
        password: &str,
        salt: Vec<u8>,
        iterations: NonZeroU32,
    ) -> Self {
        let salted = hash.salted(password.as_bytes(), &salt, iterations);
        Self::of_salted(hash, &salted, salt, iterations.get())
    }

    /// The credential of a password that has been salted already.
    pub(crate) fn of_salted(hash: Hash, salted: &[u8], salt: Vec<u8>, iterations: u32) -> Self {
        let client_key = hash.hmac(salted, b"Client Key");
        Self {
            salt,
            stored_key: hash.digest(&client_key),
            server_key: hash.hmac(salted, b"Server Key"),
            iterations,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

mod base64 {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        super::write_base64(bytes, &mut text);
        to.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        let wrong = || serde::de::Error::custom("not base64");
        super::decode_base64(&text).ok_or_else(wrong)
    }
}
