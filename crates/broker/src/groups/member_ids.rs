//! How members are called.

use std::sync::Arc;

use types::seams::Random;

use crate::context::Session;

/// A new member id: `prefix`, which tells people whose it is, and a random UUID.
pub(super) fn new(random: &dyn Random, prefix: &str) -> Arc<str> {
    format!("{prefix}-{}", uuid(random)).into()
}

/// A random UUID (version 4) as text.
pub(super) fn uuid(random: &dyn Random) -> String {
    let (high, low) = (random.next_u64(), random.next_u64());
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff,
    )
}

/// A client's address, written as Apache Kafka writes it.
pub(super) fn host(session: &Session) -> Arc<str> {
    format!("/{}", session.peer).into()
}
