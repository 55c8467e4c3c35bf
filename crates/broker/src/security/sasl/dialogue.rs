//! Where one connection stands with SASL: which request may come next, and what it leads to.

use std::sync::Arc;
use std::time::Duration;

use super::exchange::Exchange;
use super::listener::SaslListener;
use super::mechanism::Mechanism;

/// A client may authenticate again at most once in this time.
const REAUTHENTICATION_INTERVAL: Duration = Duration::from_secs(1);

/// One connection's authentications.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(super) listener: Arc<SaslListener>,
    /// The authentication under way.
    under_way: Option<UnderWay>,
    /// What the last one that succeeded gave.
    session: Option<Session>,
    /// When the client last began to authenticate again.
    reauthentication_began: Option<Duration>,
    has_failed: bool,
}

#[derive(Debug)]
struct UnderWay {
    mechanism: Mechanism,
    exchange: Exchange,
    /// Whether tokens come as bare frames.
    is_raw: bool,
}

#[derive(Debug)]
struct Session {
    mechanism: Mechanism,
    /// By the monotonic clock.
    ends: Option<Duration>,
}

/// Why a handshake cannot begin an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoHandshake {
    UnknownMechanism,
    /// Not now.
    OutOfPlace,
}

impl Dialogue {
    /// A client that has said nothing yet.
    pub(crate) fn new(listener: Arc<SaslListener>) -> Self {
        Self {
            listener,
            under_way: None,
            session: None,
            reauthentication_began: None,
            has_failed: false,
        }
    }

    /// Whether the client has authenticated itself, its session has not ended at `now`, and it is not
    /// about to authenticate again.
    pub(crate) fn is_settled(&self, now: Duration) -> bool {
        let lives = |session: &Session| session.ends.is_none_or(|ends| now <= ends);
        self.under_way.is_none() && !self.has_failed && self.session.as_ref().is_some_and(lives)
    }

    /// Whether the next frame is a token without header.
    pub(crate) fn takes_raw_tokens(&self) -> bool {
        self.under_way.as_ref().is_some_and(|under_way| under_way.is_raw)
    }

    /// Whether the connection must end.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether the client has been authenticated before.
    pub(crate) fn is_again(&self) -> bool {
        self.session.is_some()
    }

    /// Begins an authentication by the mechanism called `name`.
    ///
    /// # Errors
    /// Why not. Unless the client merely asked too soon, the dialogue has failed.
    pub(super) fn begin(
        &mut self,
        name: &str,
        is_raw: bool,
        now: Duration,
    ) -> Result<(), NoHandshake> {
        if self.under_way.is_some() || self.has_failed {
            self.has_failed = true;
            return Err(NoHandshake::OutOfPlace);
        }
        if self.session.is_some() {
            let is_too_soon = |began| now.saturating_sub(began) < REAUTHENTICATION_INTERVAL;
            if self.reauthentication_began.is_some_and(is_too_soon) {
                return Err(NoHandshake::OutOfPlace);
            }
            self.reauthentication_began = Some(now);
        }
        let known =
            Mechanism::of_name(name).filter(|known| self.listener.mechanisms.contains(known));
        let Some(mechanism) = known else {
            self.has_failed = true;
            return Err(NoHandshake::UnknownMechanism);
        };
        self.under_way = Some(UnderWay { mechanism, exchange: self.exchange(mechanism), is_raw });
        Ok(())
    }

    fn exchange(&self, mechanism: Mechanism) -> Exchange {
        match &self.session {
            Some(session) if session.mechanism != mechanism => Exchange::Refused(format!(
                "SASL mechanism '{}' requested by client is not supported for re-authentication \
                 of mechanism '{}'",
                mechanism.name(),
                session.mechanism.name()
            )),
            _ => Exchange::of(mechanism),
        }
    }

    /// Takes out the authentication under way: its mechanism, where it stands, and whether its tokens
    /// are bare. `None` when there is none.
    pub(super) fn take(&mut self) -> Option<(Mechanism, Exchange, bool)> {
        let UnderWay { mechanism, exchange, is_raw } = self.under_way.take()?;
        Some((mechanism, exchange, is_raw))
    }

    /// The authentication goes on.
    pub(super) fn go_on(&mut self, mechanism: Mechanism, exchange: Exchange, is_raw: bool) {
        self.under_way = Some(UnderWay { mechanism, exchange, is_raw });
    }

    /// The authentication has succeeded; returns how long the client's session lasts, if not for ever.
    pub(super) fn succeed(&mut self, mechanism: Mechanism, now: Duration) -> Option<Duration> {
        let session_max = self.listener.session_max(mechanism);
        self.session = Some(Session { mechanism, ends: session_max.map(|max| now + max) });
        session_max
    }

    /// A token came that nobody waits for: the end for a client that is not authenticated yet.
    pub(super) fn interrupt(&mut self) {
        self.has_failed |= self.session.is_none();
    }

    /// The authentication has failed.
    pub(super) fn fail(&mut self) {
        self.has_failed = true;
    }
}
