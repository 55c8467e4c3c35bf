//! The texts of RFC 5802, section 7, that clients send.

use types::text::decode_base64;

/// `client-first-message`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFirst<'a> {
    /// `gs2-header`, which the last message must repeat.
    pub(super) gs2_header: &'a str,
    /// `client-first-message-bare`.
    pub(super) bare: &'a str,
    /// Who it wants to act as, if it says so.
    pub(super) authorization_id: Option<String>,
    pub(super) user: String,
    pub(super) nonce: &'a str,
    /// Whether the name is that of a delegation token (Kafka's extension `tokenauth=true`).
    pub(super) is_token: bool,
}

/// `client-final-message`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFinal<'a> {
    /// What the proof is about: all before it.
    pub(super) without_proof: &'a str,
    /// The `gs2-header` repeated, for want of channel binding.
    pub(super) channel_binding: Vec<u8>,
    pub(super) nonce: &'a str,
    pub(super) proof: Vec<u8>,
}

impl<'a> ClientFirst<'a> {
    /// Understands the message; `None` when it is none or asks for channel binding.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let message = std::str::from_utf8(message).ok()?;
        let (flag, rest) = message.split_once(',')?;
        if !matches!(flag, "n" | "y") {
            return None;
        }
        let (authorization_id, bare) = rest.split_once(',')?;
        let authorization_id = match authorization_id {
            "" => None,
            name => Some(unescape(name.strip_prefix("a=")?)?),
        };
        // An attribute `m=` in front would ask for an extension that must be understood.
        let mut attributes = bare.split(',');
        let user = unescape(attributes.next()?.strip_prefix("n=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let is_printable = nonce.bytes().all(|byte| byte.is_ascii_graphic());
        if user.is_empty() || nonce.is_empty() || !is_printable {
            return None;
        }
        let is_token = attributes.any(|extension| extension == "tokenauth=true");
        let gs2_header = &message[..message.len() - bare.len()];
        Some(Self { gs2_header, bare, authorization_id, user, nonce, is_token })
    }
}

impl<'a> ClientFinal<'a> {
    /// Understands the message; `None` when it is none.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let message = std::str::from_utf8(message).ok()?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let channel_binding = decode_base64(attributes.next()?.strip_prefix("c=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        Some(Self { without_proof, channel_binding, nonce, proof: decode_base64(proof)? })
    }
}

/// A `saslname`: comma and equals sign are written `=2C` and `=3D`.
fn unescape(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('=') {
        out.push_str(before);
        out.push(match after.get(..2)? {
            "2C" => ',',
            "3D" => '=',
            _ => return None,
        });
        rest = &after[2..];
    }
    out.push_str(rest);
    Some(out)
}
