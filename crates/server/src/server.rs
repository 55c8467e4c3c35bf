//! Start, serving and stop of a whole server.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use types::seams::Clock as _;
use types::seams::system::SystemClock;

use crate::config::{CONNECT_LISTENERS, KSQL_LISTENERS, REGISTRY_LISTENERS};
use crate::http::{Acceptor, blocking, spawn};
use crate::metrics::{self, HttpMetrics};
use crate::node::Node;
use crate::{Config, Error, Listener, Result, kafka_connect, ksql, schema_registry};

/// The APIs that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// ksqlDB's REST API, with health and metrics.
    Ksql,
    /// The schema registry's REST API.
    Registry,
    /// Kafka Connect's REST API.
    Connect,
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ksql, Self::Registry, Self::Connect];

    /// Its name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ksql => "ksql",
            Self::Registry => "schema-registry",
            Self::Connect => "connect",
        }
    }

    fn property(self) -> &'static str {
        match self {
            Self::Ksql => KSQL_LISTENERS,
            Self::Registry => REGISTRY_LISTENERS,
            Self::Connect => CONNECT_LISTENERS,
        }
    }

    fn listeners(self, config: &Config) -> &[Listener] {
        match self {
            Self::Ksql => &config.ksql_listeners,
            Self::Registry => &config.registry_listeners,
            Self::Connect => &config.connect_listeners,
        }
    }
}

/// A server that serves.
#[derive(Debug)]
pub struct Server {
    node: Arc<Node>,
    addresses: Vec<(Door, SocketAddr)>,
    stop: watch::Sender<bool>,
    acceptors: Vec<JoinHandle<()>>,
}

impl Server {
    /// Takes the ports, opens the data directory, starts everything, and serves.
    ///
    /// # Errors
    /// When a port or the directory is taken, or a part can't start.
    pub async fn start(config: Config) -> Result<Self> {
        // Ports first: they are quick to refuse. Clients that come early wait in the sockets' queues.
        let sockets = bind_all(&config).await?;
        let unused = config.unused_properties();
        if !unused.is_empty() {
            tracing::warn!(properties = unused.join(", "), "properties without effect");
        }
        let (handle, opening, clock) = (Handle::current(), config.clone(), SystemClock::new());
        let node = run_blocking(move || Node::open(&opening, handle)).await??;
        let (queries, connectors) =
            (node.engine.metrics().queries.len(), node.connect.list().len());
        let (data, took) = (config.data.display(), clock.monotonic());
        tracing::info!(%data, queries, connectors, ?took, "node started");
        Ok(Self::serve(node, sockets, config.connections_max))
    }

    /// Serves `node` on free ports of the loopback address, for tests.
    #[cfg(test)]
    pub(crate) async fn serve_on_loopback(node: Node) -> Result<Self> {
        let mut sockets = Vec::new();
        for door in Door::ALL {
            sockets.push((door, bind(door, &Listener::loopback(0)).await?));
        }
        Ok(Self::serve(node, sockets, 100))
    }

    fn serve(node: Node, sockets: Vec<(Door, TcpListener)>, connections_max: usize) -> Self {
        let node = Arc::new(node);
        let http = Arc::new(HttpMetrics::default());
        let permits = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        let (stop, stopped) = watch::channel(false);
        let (mut addresses, mut acceptors) = (Vec::new(), Vec::new());
        for (door, listener) in sockets {
            if let Ok(address) = listener.local_addr() {
                tracing::info!(door = door.name(), %address, "listening");
                addresses.push((door, address));
            }
            let router = router(door, &node, &http, &stopped)
                .layer(middleware::from_fn_with_state((Arc::clone(&http), door), metrics::count));
            let (permits, stop) = (Arc::clone(&permits), stopped.clone());
            let acceptor = Acceptor { listener, router, permits, stop };
            acceptors.push(spawn("acceptor", acceptor.run()));
        }
        Self { node, addresses, stop, acceptors }
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[(Door, SocketAddr)] {
        &self.addresses
    }

    /// Serves until `stop` is ready; then takes no more connections, ends all streams, lets open
    /// requests end, and closes the log.
    ///
    /// # Errors
    /// When the log can't be brought to disk.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        stop.await;
        tracing::info!("stopping");
        self.stop.send_replace(true);
        // Streams end when the engine has ended their queries.
        let engine = Arc::clone(&self.node.engine);
        run_blocking(move || engine.shut_down()).await?;
        for acceptor in self.acceptors {
            if let Err(error) = acceptor.await {
                tracing::error!(%error, "an acceptor failed");
            }
        }
        let node = self.node;
        run_blocking(move || node.close()).await??;
        tracing::info!("log closed");
        Ok(())
    }
}

async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
}

fn router(
    door: Door,
    node: &Arc<Node>,
    http: &Arc<HttpMetrics>,
    stop: &watch::Receiver<bool>,
) -> Router {
    match door {
        Door::Ksql => ksql::router(node, http, stop.clone()),
        Door::Registry => schema_registry::router(&node.registry),
        Door::Connect => kafka_connect::router(node),
    }
}

async fn bind_all(config: &Config) -> Result<Vec<(Door, TcpListener)>> {
    let mut sockets = Vec::new();
    for door in Door::ALL {
        for listener in door.listeners(config) {
            sockets.push((door, bind(door, listener).await?));
        }
    }
    Ok(sockets)
}

async fn bind(door: Door, listener: &Listener) -> Result<TcpListener> {
    let bound = TcpListener::bind((listener.host.as_str(), listener.port)).await;
    bound.map_err(|source| refused(door, listener, source))
}

fn refused(door: Door, listener: &Listener, source: std::io::Error) -> Error {
    let property = door.property();
    let remedy = match source.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            ". Another program has port {}: stop it, or set {property} to another port \
             (for instance {property}=http://{}:{}) in the file given with --config",
            listener.port,
            listener.host,
            listener.port.wrapping_add(10_000)
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!(". Ports below 1024 need privileges; set {property} to a higher one")
        }
        _ => String::new(),
    };
    Error::Listen { address: listener.to_string(), property, source, remedy }
}
