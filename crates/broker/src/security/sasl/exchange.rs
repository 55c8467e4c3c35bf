//! The tokens of one authentication, whatever its mechanism.

use super::listener::SaslListener;
use super::mechanism::Mechanism;
use crate::security::Security;
use crate::security::scram::{self, Challenged, Hash};

/// Where an authentication stands.
#[derive(Debug)]
pub(super) enum Exchange {
    /// PLAIN waits for its only token.
    Plain,
    /// SCRAM waits for its first token.
    Scram(Hash),
    /// SCRAM waits for its second token.
    Challenged(Box<Challenged>),
    /// It may not be: the reason is told when the next token comes.
    Refused(String),
}

/// What a token led to.
#[derive(Debug)]
pub(super) enum Progress {
    /// The exchange goes on after `answer`.
    Challenge { answer: Vec<u8>, next: Exchange },
    /// The client is `user`.
    Done { answer: Vec<u8>, user: String },
}

/// Why an authentication failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The client is told only that it failed.
    Invalid,
    /// The client is told this.
    Because(String),
}

impl Exchange {
    /// An exchange by `mechanism` that waits for its first token.
    pub(super) fn of(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Plain => Self::Plain,
            Mechanism::Scram(hash) => Self::Scram(hash),
        }
    }

    /// Takes the client's next token.
    ///
    /// # Errors
    /// When the client has not proved who it is.
    pub(super) fn advance(
        self,
        listener: &SaslListener,
        security: &Security,
        token: &[u8],
    ) -> Result<Progress, Failure> {
        match self {
            Self::Plain => plain(listener, token),
            Self::Scram(hash) => challenge(hash, security, token),
            Self::Challenged(challenged) => finish(&challenged, token),
            Self::Refused(reason) => Err(Failure::Because(reason)),
        }
    }
}

/// The only token of PLAIN: `[authorization id] NUL user NUL password`.
fn plain(listener: &SaslListener, token: &[u8]) -> Result<Progress, Failure> {
    let because = |reason: &str| Err(Failure::Because(reason.to_owned()));
    let text = String::from_utf8_lossy(token);
    let parts: Vec<&str> = text.splitn(4, '\0').collect();
    let &[authorization_id, user, password] = parts.as_slice() else {
        return because(&format!(
            "Invalid SASL/PLAIN response: expected 3 tokens, got {}",
            parts.len()
        ));
    };
    if user.is_empty() {
        return because("Authentication failed: username not specified");
    }
    if password.is_empty() {
        return because("Authentication failed: password not specified");
    }
    if !listener.is_password(user, password) {
        return because("Authentication failed: Invalid username or password");
    }
    check_authorization_id(authorization_id, user)?;
    Ok(Progress::Done { answer: Vec::new(), user: user.to_owned() })
}

fn challenge(hash: Hash, security: &Security, token: &[u8]) -> Result<Progress, Failure> {
    let find = |user: &str| security.knowledge().credential(user, hash).cloned();
    let challenged = Challenged::begin(hash, token, &scram::server_nonce(), find);
    let challenged = challenged.map_err(|scram::Invalid| Failure::Invalid)?;
    let answer = challenged.server_first().as_bytes().to_vec();
    Ok(Progress::Challenge { answer, next: Exchange::Challenged(Box::new(challenged)) })
}

fn finish(challenged: &Challenged, token: &[u8]) -> Result<Progress, Failure> {
    let verifier = challenged.finish(token).map_err(|scram::Invalid| Failure::Invalid)?;
    let user = challenged.user();
    check_authorization_id(challenged.authorization_id.as_deref().unwrap_or_default(), user)?;
    Ok(Progress::Done { answer: verifier.into_bytes(), user: user.to_owned() })
}

/// Nobody may act as somebody else.
fn check_authorization_id(authorization_id: &str, user: &str) -> Result<(), Failure> {
    if authorization_id.is_empty() || authorization_id == user {
        return Ok(());
    }
    Err(Failure::Because(
        "Authentication failed: Client requested an authorization id that is different from username"
            .to_owned(),
    ))
}
