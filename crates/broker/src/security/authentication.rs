//! Who the client of one connection has proved to be, and how far it is in proving it.
//!
//! On a listener with SASL a connection begins with SaslHandshake, which names the mechanism, and
//! goes on with SaslAuthenticate, which carries the mechanism's tokens; only ApiVersions is served
//! before. A client whose session is limited does the same again before it ends (KIP-368). After the
//! old SaslHandshake 0 the tokens come as bare frames instead.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::sasl::{Dialogue, SaslListener};

/// The principal of clients that need not say who they are.
const ANONYMOUS: &str = "User:ANONYMOUS";

/// Who the client of a connection has proved to be.
#[derive(Debug, Default)]
pub struct Authentication {
    /// With its type, `User:alice`. It never changes: authenticating again must give the same.
    principal: OnceLock<String>,
    /// Where the client stands, on a listener with SASL.
    dialogue: Option<Mutex<Dialogue>>,
}

impl Authentication {
    /// A client that proves nothing.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A client that has proved, by its TLS certificate, to be the user called `name`.
    pub fn proved(name: &str) -> Self {
        let authentication = Self::default();
        authentication.set_user(name);
        authentication
    }

    /// A client that has to authenticate itself by SASL as `listener` says.
    pub fn by_sasl(listener: Arc<SaslListener>) -> Self {
        let dialogue = Mutex::new(Dialogue::new(listener));
        Self { principal: OnceLock::new(), dialogue: Some(dialogue) }
    }

    /// Who the client is, with its type.
    pub(crate) fn principal(&self) -> &str {
        self.principal.get().map_or(ANONYMOUS, String::as_str)
    }

    /// Who the client is, without its type.
    pub(crate) fn user(&self) -> &str {
        let principal = self.principal();
        principal.split_once(':').map_or(principal, |(_, name)| name)
    }

    /// Where the client stands with SASL; `None` where there is none.
    pub(super) fn dialogue(&self) -> Option<MutexGuard<'_, Dialogue>> {
        let dialogue = self.dialogue.as_ref()?;
        Some(dialogue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The client is the user called `name`; whether that is whom it was before, if it was anyone.
    pub(super) fn set_user(&self, name: &str) -> bool {
        self.principal.get_or_init(|| format!("User:{name}")) == &format!("User:{name}")
    }
}
