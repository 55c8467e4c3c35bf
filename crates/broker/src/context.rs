//! Who asks and how: what handlers know about a request besides its content.

use std::net::IpAddr;
use std::sync::Arc;

use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::StrBytes;

use crate::ending::Ending;
use crate::security::{Authentication, HoldBack};

/// How bytes travel on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In clear text.
    Plain,
    /// Within TLS.
    Tls,
}

/// One connection.
#[derive(Debug)]
pub struct Session {
    /// Number of the connection, for logs.
    pub id: u64,
    /// The client's address.
    pub peer: IpAddr,
    /// Name of the listener it came through, for instance `PLAINTEXT`.
    pub listener: Arc<str>,
    /// How bytes travel.
    pub transport: Transport,
    /// Who the client has proved to be.
    pub authentication: Authentication,
    /// How long its requests wait because it is over a quota.
    pub(crate) hold_back: HoldBack,
    /// When nothing shall wait any more.
    pub(crate) ending: Ending,
}

impl Session {
    /// A connection that has just been opened.
    pub fn new(
        id: u64,
        peer: IpAddr,
        listener: Arc<str>,
        transport: Transport,
        authentication: Authentication,
    ) -> Self {
        // An IPv4 client of a socket for both families is still an IPv4 client to ACLs and quotas.
        let peer = peer.to_canonical();
        let (hold_back, ending) = (HoldBack::default(), Ending::default());
        Self { id, peer, listener, transport, authentication, hold_back, ending }
    }
}

/// One request without its body.
#[derive(Debug)]
pub(crate) struct RequestContext {
    /// What is asked for.
    pub(crate) api_key: ApiKey,
    /// In which version.
    pub(crate) version: i16,
    /// Repeated in the answer.
    pub(crate) correlation_id: i32,
    /// What the client calls itself.
    pub(crate) client_id: Option<StrBytes>,
    /// The connection it came on.
    pub(crate) session: Arc<Session>,
}
