//! One authentication by SCRAM, from the server's side (RFC 5802, RFC 7677), without channel binding.
//!
//! A user whom nobody knows gets a salt like anyone else and fails at the end, so that names cannot be
//! tried out.

use std::sync::LazyLock;

use types::text::write_base64;

use super::credential::{Credential, ITERATIONS_MIN};
use super::hash::Hash;
use super::messages::{ClientFinal, ClientFirst};
use crate::security::secret;

/// Characters of salts as Kafka's tools make them, and their number.
const SALT_CHARACTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const SALT_LENGTH: usize = 26;

/// The proof was wrong, the user is unknown, or a message was none: nobody is told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invalid;

/// After the first message.
#[derive(Debug)]
pub(crate) struct Challenged {
    hash: Hash,
    user: String,
    /// Who the client wants to act as, if it says so.
    pub(crate) authorization_id: Option<String>,
    /// For a user without credential, one that no password fits.
    credential: Credential,
    gs2_header: String,
    client_first_bare: String,
    server_first: String,
    nonce: String,
}

impl Challenged {
    /// Takes the client's first message, with the credential that `find` knows for the user.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn begin(
        hash: Hash,
        message: &[u8],
        server_nonce: &str,
        find: impl FnOnce(&str) -> Option<Credential>,
    ) -> Result<Self, Invalid> {
        let first = ClientFirst::read(message).ok_or(Invalid)?;
        let known = if first.is_token { None } else { find(&first.user) };
        let credential = known.unwrap_or_else(|| credential_of_unknown(hash, &first.user));
        let nonce = format!("{}{server_nonce}", first.nonce);
        let mut server_first = format!("r={nonce},s=");
        write_base64(&credential.salt, &mut server_first);
        server_first.push_str(&format!(",i={}", credential.iterations));
        Ok(Self {
            hash,
            user: first.user,
            authorization_id: first.authorization_id,
            credential,
            gs2_header: first.gs2_header.to_owned(),
            client_first_bare: first.bare.to_owned(),
            server_first,
            nonce,
        })
    }

    /// What to answer the first message.
    pub(crate) fn server_first(&self) -> &str {
        &self.server_first
    }

    /// Who the client claims to be.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// Takes the client's last message; returns what to answer when its proof is right.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn finish(&self, message: &[u8]) -> Result<String, Invalid> {
        let last = ClientFinal::read(message).ok_or(Invalid)?;
        let credential = &self.credential;
        let is_same_exchange =
            last.nonce == self.nonce && last.channel_binding == self.gs2_header.as_bytes();
        if !is_same_exchange || last.proof.len() != self.hash.length() {
            return Err(Invalid);
        }
        let auth_message =
            format!("{},{},{}", self.client_first_bare, self.server_first, last.without_proof);
        let signature = self.hash.hmac(&credential.stored_key, auth_message.as_bytes());
        let client_key: Vec<u8> =
            signature.iter().zip(&last.proof).map(|(signed, proof)| signed ^ proof).collect();
        if !secret::same(&self.hash.digest(&client_key), &credential.stored_key) {
            return Err(Invalid);
        }
        let mut verifier = "v=".to_owned();
        let signature = self.hash.hmac(&credential.server_key, auth_message.as_bytes());
        write_base64(&signature, &mut verifier);
        Ok(verifier)
    }
}

/// The nonce that the server adds to the client's.
pub(crate) fn server_nonce() -> String {
    let mut nonce = String::new();
    write_base64(&secret::random_bytes::<24>(), &mut nonce);
    nonce
}

/// A salt in the shape that Kafka's tools give them.
pub(crate) fn new_salt() -> Vec<u8> {
    salt_of(&secret::random_bytes::<SALT_LENGTH>())
}

/// The same name must get the same salt each time, as a known one does.
fn credential_of_unknown(hash: Hash, user: &str) -> Credential {
    static KEY: LazyLock<[u8; 32]> = LazyLock::new(secret::random_bytes);
    let random = hash.hmac(&*KEY, user.as_bytes());
    Credential {
        salt: salt_of(&random[..SALT_LENGTH]),
        stored_key: hash.digest(&secret::random_bytes::<32>()),
        server_key: random,
        iterations: ITERATIONS_MIN,
    }
}

fn salt_of(random: &[u8]) -> Vec<u8> {
    random.iter().map(|byte| SALT_CHARACTERS[usize::from(*byte) % SALT_CHARACTERS.len()]).collect()
}
