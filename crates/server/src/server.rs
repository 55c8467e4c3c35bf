//! Start, serving and stop of a whole server.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::{Router, middleware};
use broker::Advertised;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use types::seams::Clock as _;
use types::seams::system::SystemClock;

use crate::acceptor::{Acceptor, Service, stopped};
use crate::config::{CONNECT_LISTENERS, KSQL_LISTENERS, REGISTRY_LISTENERS};
use crate::http::{HttpService, blocking};
use crate::kafka::listeners::KafkaListener;
use crate::kafka::{KafkaService, Protection, listeners};
use crate::metrics::{self, HttpMetrics};
use crate::node::Node;
use crate::{Config, Error, Listener, Result, kafka_connect, ksql, schema_registry};

/// The APIs over HTTP that have ports.
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
}

/// A listening socket and what it serves.
type Bound<L> = (TcpListener, L);

/// The sockets of a server, by what is spoken on them.
#[derive(Debug, Default)]
struct Sockets {
    http: Vec<Bound<Door>>,
    kafka: Vec<Bound<(KafkaListener, Protection)>>,
}

/// A server that serves.
#[derive(Debug)]
pub struct Server {
    node: Arc<Node>,
    addresses: Vec<(Door, SocketAddr)>,
    kafka_addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    permits: Arc<Semaphore>,
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
        let (handle, mut opening, clock) = (Handle::current(), config.clone(), SystemClock::new());
        opening.kafka.advertised = advertised(&sockets.kafka)?;
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
        let mut sockets = Sockets::default();
        for door in Door::ALL {
            sockets.http.push((bind(door.property(), &Listener::loopback(0)).await?, door));
        }
        Ok(Self::serve(node, sockets, 100))
    }

    fn serve(node: Node, sockets: Sockets, connections_max: usize) -> Self {
        let permits = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        let mut server = Self {
            node: Arc::new(node),
            addresses: Vec::new(),
            kafka_addresses: Vec::new(),
            stop: watch::Sender::new(false),
            permits,
            acceptors: Vec::new(),
        };
        let http = Arc::new(HttpMetrics::default());
        for (listener, door) in sockets.http {
            let router = router(door, &server.node, &http, &server.stop.subscribe())
                .layer(middleware::from_fn_with_state((Arc::clone(&http), door), metrics::count));
            let address = server.accept(door.name(), listener, HttpService { router });
            server.addresses.extend(address.map(|address| (door, address)));
        }
        server.serve_kafka(sockets.kafka);
        server
    }

    fn serve_kafka(&mut self, sockets: Vec<Bound<(KafkaListener, Protection)>>) {
        let Some(broker) = self.node.broker.clone() else { return };
        let (running, mut stop) = (Arc::clone(&broker).run(), self.stop.subscribe());
        self.acceptors.push(broker::spawn("broker", async move {
            tokio::select! {
                () = running => {}
                () = stopped(&mut stop) => {}
            }
        }));
        let connections = Arc::new(AtomicU64::new(1));
        for (listener, (KafkaListener { name, .. }, protection)) in sockets {
            let (broker, connections) = (Arc::clone(&broker), Arc::clone(&connections));
            let service = KafkaService { broker, listener: name.into(), protection, connections };
            let address = self.accept("kafka", listener, service);
            self.kafka_addresses.extend(address);
        }
    }

    /// Starts to accept connections; where, if the system says so.
    fn accept(
        &mut self,
        door: &'static str,
        listener: TcpListener,
        service: impl Service,
    ) -> Option<SocketAddr> {
        let address = listener.local_addr().ok();
        tracing::info!(door, ?address, "listening");
        let (permits, stop) = (Arc::clone(&self.permits), self.stop.subscribe());
        let acceptor = Acceptor { listener, service, permits, stop };
        self.acceptors.push(broker::spawn("acceptor", acceptor.run()));
        address
    }

    /// Where Kafka clients are served.
    pub fn kafka_addresses(&self) -> &[SocketAddr] {
        &self.kafka_addresses
    }

    /// Where it listens for HTTP.
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

async fn bind_all(config: &Config) -> Result<Sockets> {
    let mut sockets = Sockets::default();
    let doors = [
        (Door::Ksql, &config.ksql_listeners),
        (Door::Registry, &config.registry_listeners),
        (Door::Connect, &config.connect_listeners),
    ];
    for (door, listeners) in doors {
        for listener in listeners {
            sockets.http.push((bind(door.property(), listener).await?, door));
        }
    }
    for listener in &config.kafka_listeners {
        let protection = Protection::open(listener, &config.kafka.properties).await?;
        let socket = bind(listeners::PROPERTY, &listener.address).await?;
        sockets.kafka.push((socket, (listener.clone(), protection)));
    }
    Ok(sockets)
}

/// Where the clients of each Kafka listener are told to connect to; the system may have chosen ports.
fn advertised(
    sockets: &[Bound<(KafkaListener, Protection)>],
) -> Result<BTreeMap<String, Advertised>> {
    let mut advertised = BTreeMap::new();
    for (socket, (listener, _)) in sockets {
        let bound = socket.local_addr();
        let bound =
            bound.map_err(|source| refused(listeners::PROPERTY, &listener.address, source))?;
        let known = listener.advertised.as_ref().unwrap_or(&listener.address);
        let port = if known.port == 0 { bound.port() } else { known.port };
        advertised.insert(listener.name.clone(), Advertised { host: known.host.clone(), port });
    }
    Ok(advertised)
}

async fn bind(property: &'static str, listener: &Listener) -> Result<TcpListener> {
    let bound = TcpListener::bind((listener.host.as_str(), listener.port)).await;
    bound.map_err(|source| refused(property, listener, source))
}

fn refused(property: &'static str, listener: &Listener, source: std::io::Error) -> Error {
    let scheme = if property == listeners::PROPERTY { "PLAINTEXT://" } else { "http://" };
    let remedy = match source.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            ". Another program has port {}: stop it, or set {property} to another port \
             (for instance {property}={scheme}{}:{}) in the file given with --config",
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
