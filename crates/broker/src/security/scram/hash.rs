//! The functions of RFC 5802, section 2.2, over SHA-256 and SHA-512.

use std::num::NonZeroU32;

use ring::{digest, hmac, pbkdf2};
use serde::{Deserialize, Serialize};

/// A hash function, which names a SCRAM mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Hash {
    #[serde(rename = "SCRAM-SHA-256")]
    Sha256 = 1,
    #[serde(rename = "SCRAM-SHA-512")]
    Sha512 = 2,
}

impl Hash {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The mechanism's name.
    pub(crate) fn mechanism(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism's code in the requests about credentials.
    pub(crate) fn code(self) -> i8 {
        self as i8
    }

    /// The hash whose mechanism has that code.
    pub(crate) fn of_code(code: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.code() == code)
    }

    /// The bytes of a digest.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Sha256 => digest::SHA256_OUTPUT_LEN,
            Self::Sha512 => digest::SHA512_OUTPUT_LEN,
        }
    }

    /// `H(bytes)`.
    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }

    /// `HMAC(key, bytes)`.
    pub(crate) fn hmac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), bytes).as_ref().to_vec()
    }

    /// `Hi(password, salt, iterations)`: the salted password.
    pub(crate) fn salted(self, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let mut salted = vec![0; self.length()];
        pbkdf2::derive(algorithm, iterations, salt, password, &mut salted);
        salted
    }
}
