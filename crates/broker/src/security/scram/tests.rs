//! The examples of the RFCs, and what must not get in.

use std::num::NonZeroU32;

use proptest::prelude::*;
use types::text::decode_base64;

use super::messages::{ClientFinal, ClientFirst};
use super::*;

const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).expect("not zero");

fn credential(hash: Hash, password: &str, salt: &str) -> Credential {
    let salt = decode_base64(salt).expect("base64");
    Credential::of_password(hash, password, salt, ITERATIONS)
}

/// The exchange of RFC 7677, section 3, up to the client's last message.
fn rfc7677() -> Challenged {
    let known = credential(Hash::Sha256, "pencil", "W22ZaJ0SNY7soEsUEjb6gQ==");
    Challenged::begin(
        Hash::Sha256,
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        |user| (user == "user").then_some(known),
    )
    .expect("a first message")
}

#[test]
fn sha_256_is_that_of_rfc_7677() {
    let challenged = rfc7677();
    assert_eq!(
        challenged.server_first(),
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let last = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert_eq!(
        challenged.finish(last).expect("the right proof"),
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
}

/// No RFC has an example for SHA-512: this plays both sides by the formulas of RFC 5802.
#[test]
fn sha_512_takes_the_proof_of_its_formulas() {
    let hash = Hash::Sha512;
    let known = credential(hash, "secret", "c2FsdA==");
    let challenged =
        Challenged::begin(hash, b"n,a=u=2Cser,n=u=2Cser,r=abc", "def", |_| Some(known.clone()))
            .expect("a first message");
    assert_eq!(challenged.user(), "u,ser");
    assert_eq!(challenged.authorization_id.as_deref(), Some("u,ser"));
    let without_proof = "c=bixhPXU9MkNzZXIs,r=abcdef";
    let auth_message = format!("n=u=2Cser,r=abc,{},{without_proof}", challenged.server_first());
    let client_key = hash.hmac(&hash.salted(b"secret", b"salt", ITERATIONS), b"Client Key");
    let signature = hash.hmac(&hash.digest(&client_key), auth_message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    let mut last = format!("{without_proof},p=");
    types::text::write_base64(&proof, &mut last);
    assert!(challenged.finish(last.as_bytes()).is_ok());
    let other_binding = last.replace("c=bixhPXU9MkNzZXIs", "c=biws");
    assert_eq!(challenged.finish(other_binding.as_bytes()), Err(Invalid));
}

#[test]
fn whoever_is_unknown_is_challenged_like_anyone_and_fails() {
    let begin = |message: &[u8]| {
        Challenged::begin(Hash::Sha256, message, "server", |_| None).expect("a first message")
    };
    let challenged = begin(b"n,,n=nobody,r=abc");
    assert_eq!(challenged.server_first(), begin(b"n,,n=nobody,r=abc").server_first());
    assert_ne!(challenged.server_first(), begin(b"n,,n=other,r=abc").server_first());
    assert!(challenged.server_first().ends_with(",i=4096"));
    let proof = "A".repeat(43);
    let last = format!("c=biws,r=abcserver,p={proof}=");
    assert_eq!(challenged.finish(last.as_bytes()), Err(Invalid));
}

#[test]
fn another_nonce_or_proof_is_refused() {
    let challenged = rfc7677();
    for last in [
        "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=",
        "",
    ] {
        assert_eq!(challenged.finish(last.as_bytes()), Err(Invalid), "{last}");
    }
}

#[test]
fn malformed_messages_are_none() {
    let firsts: [&[u8]; 9] = [
        b"",
        b"n",
        b"n,,",
        b"p=tls-unique,,n=u,r=a",
        b"n,,m=x,n=u,r=a",
        b"n,,n=u=41,r=a",
        b"n,,n=u=,r=a",
        b"n,,n=,r=a",
        b"n,x=u,n=u,r=a",
    ];
    for first in firsts {
        assert_eq!(ClientFirst::read(first), None, "{}", String::from_utf8_lossy(first));
    }
    for last in [&b"c=biws,r=a"[..], b"c=?,r=a,p=AAAA", b"r=a,c=biws,p=AAAA", b"\xff,p="] {
        assert_eq!(ClientFinal::read(last), None, "{}", String::from_utf8_lossy(last));
    }
}

#[test]
fn credentials_are_not_shown() {
    let shown = format!("{:?}", credential(Hash::Sha256, "pencil", "c2FsdA=="));
    assert_eq!(shown, "Credential { iterations: 4096, .. }");
}

proptest! {
    /// Messages come from whoever connects.
    #[test]
    fn no_message_makes_trouble(
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        text in "[nyp],(a=)?[a=2CD3]{0,6},n=[a=2CD3,]{0,8},r=[!-~]{0,5}",
        last in "c=[A-Za-z0-9+/=]{0,8},r=[!-~]{0,5},p=[A-Za-z0-9+/=]{0,8}",
    ) {
        ClientFirst::read(&bytes);
        ClientFinal::read(&bytes);
        let challenged = Challenged::begin(Hash::Sha256, text.as_bytes(), "s", |_| None);
        if let Ok(challenged) = challenged {
            prop_assert_eq!(challenged.finish(last.as_bytes()), Err(Invalid));
        }
    }
}
