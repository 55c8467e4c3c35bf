//! What touches secrets: comparison in constant time, randomness that nobody can guess.

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Whether two secrets are the same, in a time that tells nothing about where they differ: their
/// MACs under a key that nobody knows are compared.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &random_bytes::<32>());
    hmac::verify(&key, one, hmac::sign(&key, other).as_ref()).is_ok()
}

/// Bytes for nonces and salts. They come from the system and not through the seam `Random`, which
/// promises no secrecy; nothing that a test or the simulator can see depends on their value.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system has a source of randomness");
    bytes
}
