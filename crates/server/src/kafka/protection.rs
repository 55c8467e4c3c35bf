//! How one listener is protected: TLS or not, SASL or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker::{Authentication, ListenerProperties, SaslListener};

use super::listeners::{KafkaListener, SecurityProtocol};
use super::tls::{Identity, Tls};
use crate::Result;

/// What a listener does before it serves a client.
#[derive(Clone, Debug)]
pub struct Protection {
    /// TLS, where it is spoken.
    pub tls: Option<Arc<Tls>>,
    sasl: Option<Arc<SaslListener>>,
}

impl Protection {
    /// The protection of `listener` as a broker's `properties`, without the prefix `kafka.`, say.
    ///
    /// # Errors
    /// `Config` or `Broker` when they are wrong.
    pub async fn open(
        listener: &KafkaListener,
        properties: &BTreeMap<String, String>,
    ) -> Result<Self> {
        use SecurityProtocol::{Plaintext, SaslPlaintext, SaslSsl, Ssl};
        let sasl = match listener.protocol {
            SaslPlaintext | SaslSsl => {
                Some(Arc::new(SaslListener::read(properties, &listener.name)?))
            }
            Plaintext | Ssl => None,
        };
        let own = ListenerProperties::new(properties, &listener.name);
        let tls = match listener.protocol {
            Ssl | SaslSsl => Some(Arc::new(Tls::open(&own, sasl.is_some()).await?)),
            Plaintext | SaslPlaintext => None,
        };
        Ok(Self { tls, sasl })
    }

    /// How a client proves who it is that TLS knows as `identity`. Where there is SASL, only that counts.
    pub fn authentication(&self, identity: Identity) -> Authentication {
        match (&self.sasl, identity) {
            (Some(sasl), _) => Authentication::by_sasl(Arc::clone(sasl)),
            (None, Identity::User(name)) => Authentication::proved(&name),
            (None, Identity::Unknown) => Authentication::anonymous(),
        }
    }
}
