//! TLS with one client, by certificates that are read again when their files have changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use broker::ListenerProperties;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificate;
use super::settings::Settings;
use crate::Result;

/// How long a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(30);

/// TLS of one listener.
#[derive(Debug)]
pub struct Tls {
    settings: Settings,
    loaded: Mutex<Loaded>,
}

#[derive(Clone, Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    /// When each file was changed last, as of then.
    changed: Vec<Option<SystemTime>>,
}

/// Who a client is by its certificate.
#[derive(Debug, PartialEq, Eq)]
pub enum Identity {
    /// It showed none.
    Unknown,
    /// It is this user.
    User(String),
}

impl Tls {
    /// TLS by a listener's properties; `has_sasl` says whether clients also authenticate by SASL.
    ///
    /// # Errors
    /// `Config` when properties, keys or certificates are wrong.
    pub async fn open(properties: &ListenerProperties<'_>, has_sasl: bool) -> Result<Self> {
        let settings = Settings::read(properties, has_sasl)?;
        let changed = changed(&settings).await;
        let config = settings.load().await?;
        Ok(Self { settings, loaded: Mutex::new(Loaded { config, changed }) })
    }

    /// Shakes hands with a client.
    ///
    /// # Errors
    /// Why it cannot be served, for the log.
    pub async fn accept(
        &self,
        socket: TcpStream,
    ) -> std::result::Result<(TlsStream<TcpStream>, Identity), String> {
        let acceptor = TlsAcceptor::from(self.config().await);
        let accepted = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(socket)).await;
        let accepted = accepted.map_err(|_| "the TLS handshake took too long".to_owned())?;
        let stream = accepted.map_err(|error| format!("TLS handshake: {error}"))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let identity = match certificate {
            Some(certificate) => Identity::User(self.user(certificate)?),
            None => Identity::Unknown,
        };
        Ok((stream, identity))
    }

    fn user(&self, certificate: &[u8]) -> std::result::Result<String, String> {
        let name = certificate::subject(certificate)
            .ok_or_else(|| "the client's certificate has no subject".to_owned())?;
        self.settings
            .mapping
            .user(&name)
            .ok_or_else(|| format!("no rule of ssl.principal.mapping.rules fits '{name}'"))
    }

    /// What TLS runs on now. Files that have become wrong leave the old ones in use.
    pub(super) async fn config(&self) -> Arc<ServerConfig> {
        let changed = changed(&self.settings).await;
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if loaded.changed == changed {
            return loaded.config;
        }
        let config = match self.settings.load().await {
            Ok(config) => {
                tracing::info!("certificates read again");
                config
            }
            Err(error) => {
                tracing::warn!(%error, "changed certificates are wrong; the old ones stay in use");
                loaded.config
            }
        };
        let renewed = Loaded { config: Arc::clone(&config), changed };
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
        config
    }
}

async fn changed(settings: &Settings) -> Vec<Option<SystemTime>> {
    let mut changed = Vec::new();
    for path in settings.files() {
        // A file that is gone is no reason to stop; it is told when it is read.
        let metadata = tokio::fs::metadata(path).await;
        changed.push(metadata.and_then(|metadata| metadata.modified()).ok());
    }
    changed
}
