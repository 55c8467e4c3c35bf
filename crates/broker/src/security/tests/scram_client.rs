//! A client's side of SCRAM.

use std::num::NonZeroU32;

use types::text::{decode_base64, write_base64};

use crate::security::scram::Hash;

/// The first message.
pub(super) fn first(user: &str) -> String {
    format!("n,,n={user},r=abc")
}

/// The last message, after the server's `challenge`.
pub(super) fn last(hash: Hash, user: &str, password: &str, challenge: &[u8]) -> String {
    let challenge = std::str::from_utf8(challenge).expect("SCRAM is text");
    let field = |prefix: &str| challenge.split(',').find_map(|field| field.strip_prefix(prefix));
    let nonce = field("r=").expect("a nonce");
    let salt = decode_base64(field("s=").expect("a salt")).expect("base64");
    let iterations: NonZeroU32 = field("i=").expect("iterations").parse().expect("a number");
    let salted = hash.salted(password.as_bytes(), &salt, iterations);
    let client_key = hash.hmac(&salted, b"Client Key");
    let without_proof = format!("c=biws,r={nonce}");
    let auth_message = format!("n={user},r=abc,{challenge},{without_proof}");
    let signature = hash.hmac(&hash.digest(&client_key), auth_message.as_bytes());
    let proof: Vec<u8> =
        client_key.iter().zip(signature).map(|(key, signed)| key ^ signed).collect();
    let mut message = format!("{without_proof},p=");
    write_base64(&proof, &mut message);
    message
}
