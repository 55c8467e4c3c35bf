//! A broker without sockets: streams in memory, a fake disk that can lose power, and a clock that
//! follows the runtime's paused time. Tests run with `#[tokio::test(start_paused = true)]`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use commitlog::{EmbeddedLog, Listener, Log as _, TopicConfig, Visibility};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable as _, Encodable as _, Request, StrBytes};
use testkit::disk::{Crash, FakeDirectory};
use testkit::random::SeededRandom;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use types::TopicPartition;
use types::seams::Clock;

use crate::context::{Session, Transport};
use crate::security::Authentication;
use crate::{Advertised, Broker, Config, Services, serve};

/// The wall clock's time at the start of a test.
pub(crate) const START_MS: i64 = 1_700_000_000_000;
/// Bytes a stream holds before its writer waits.
const STREAM_BYTES: usize = 64 << 10;
/// What a sync of the fake disk takes unless told otherwise.
const SYNC_MS: u64 = 1;
/// The listener that clients come through.
const LISTENER: &str = "PLAINTEXT";

/// A clock that moves with the runtime's time.
#[derive(Debug)]
pub(crate) struct RuntimeClock {
    started: Instant,
    /// By how much the wall clock was set forward, or back.
    jumped_ms: AtomicI64,
}

impl Clock for RuntimeClock {
    fn now_ms(&self) -> i64 {
        START_MS + self.monotonic().as_millis() as i64 + self.jumped_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Syncs the log a moment after something was committed, as its own thread would: that has no place
/// in a runtime of one thread whose time stands still.
#[derive(Debug)]
struct Syncer {
    wanted: Notify,
    time_ms: AtomicU64,
}

impl Syncer {
    async fn run(self: Arc<Self>, log: Arc<EmbeddedLog>) {
        loop {
            self.wanted.notified().await;
            let time_ms = self.time_ms.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(time_ms)).await;
            if let Err(error) = log.sync() {
                tracing::info!(%error, "cannot sync");
            }
        }
    }
}

impl Listener for Syncer {
    fn grown(&self, _partitions: &[TopicPartition], visibility: Visibility) {
        if visibility == Visibility::Committed {
            self.wanted.notify_one();
        }
    }
}

/// A broker and what it stands on.
pub(crate) struct Harness {
    pub(crate) broker: Arc<Broker>,
    pub(crate) disk: FakeDirectory,
    clock: Arc<RuntimeClock>,
    config: Config,
    syncer: Arc<Syncer>,
    /// Goes on over restarts: the next process does not draw the ids of the last one again.
    random: Arc<SeededRandom>,
    background: JoinSet<()>,
}

impl Harness {
    /// A broker on an empty disk.
    pub(crate) fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// The same with another configuration.
    pub(crate) fn with_config(mut config: Config) -> Self {
        let advertised = Advertised { host: "broker.test".to_owned(), port: 9092 };
        config.advertised.insert(LISTENER.to_owned(), advertised);
        let clock =
            Arc::new(RuntimeClock { started: Instant::now(), jumped_ms: AtomicI64::new(0) });
        let disk = FakeDirectory::new();
        let syncer = Arc::new(Syncer { wanted: Notify::new(), time_ms: SYNC_MS.into() });
        let random = Arc::new(SeededRandom::new(7));
        let (broker, background) = open(&disk, &clock, &syncer, &random, &config);
        Self { broker, disk, clock, config, syncer, random, background }
    }

    /// Creates a topic as another part of the process does.
    pub(crate) fn create_topic(&self, name: &str, config: &TopicConfig) -> commitlog::Result<()> {
        self.broker.log.create_topic(name, config)
    }

    /// Sets the wall clock forward, or back.
    pub(crate) fn jump_clock(&self, ms: i64) {
        self.clock.jumped_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Lets every sync take `time_ms` from now on.
    pub(crate) fn slow_syncs(&self, time_ms: u64) {
        self.syncer.time_ms.store(time_ms, Ordering::Relaxed);
    }

    /// Ends the broker like `kill -9` or a loss of power and opens another over what is left.
    pub(crate) fn crash(&mut self, crash: Crash) {
        self.background.abort_all();
        self.disk = self.disk.restart(crash);
        (self.broker, self.background) =
            open(&self.disk, &self.clock, &self.syncer, &self.random, &self.config);
    }

    /// A client that has just connected.
    pub(crate) fn client(&self) -> Client {
        self.client_who(Authentication::default())
    }

    /// The same, with what the listener knows of its identity.
    pub(crate) fn client_who(&self, authentication: Authentication) -> Client {
        self.connect(authentication, std::future::pending())
    }

    /// A client that has just connected to a server that stops when `stop` is over.
    pub(crate) fn client_until(&self, stop: impl Future<Output = ()> + Send + 'static) -> Client {
        self.connect(Authentication::default(), stop)
    }

    fn connect(
        &self,
        authentication: Authentication,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Client {
        let (near, far) = tokio::io::duplex(STREAM_BYTES);
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let session = Session::new(1, peer, LISTENER.into(), Transport::Plain, authentication);
        let broker = Arc::clone(&self.broker);
        let connection = tokio::spawn(serve(broker, far, session, stop));
        Client { stream: near, correlation_id: 0, connection }
    }
}

fn open(
    disk: &FakeDirectory,
    clock: &Arc<RuntimeClock>,
    syncer: &Arc<Syncer>,
    random: &Arc<SeededRandom>,
    config: &Config,
) -> (Arc<Broker>, JoinSet<()>) {
    let clock: Arc<dyn Clock> = clock.clone();
    // The log's own threads would run outside the paused time.
    let log_config = commitlog::Config {
        background: false,
        offsets_partitions: 4,
        ..commitlog::Config::default()
    };
    let log = EmbeddedLog::open(Arc::new(disk.clone()), Arc::clone(&clock), log_config)
        .expect("the fake disk holds a sound log");
    let log = Arc::new(log);
    let mut background = JoinSet::new();
    let listener: Weak<dyn Listener> = Arc::downgrade(syncer) as Weak<dyn Listener>;
    log.subscribe(listener);
    background.spawn(Arc::clone(syncer).run(Arc::clone(&log)));
    let services = Services { log, clock, random: random.clone() };
    let broker = Broker::open(services, config.clone()).expect("the log can be read");
    background.spawn(Arc::clone(&broker).run());
    (broker, background)
}

/// One client's end of a connection.
pub(crate) struct Client {
    pub(crate) stream: DuplexStream,
    correlation_id: i32,
    /// Ends when the broker has closed the connection.
    pub(crate) connection: JoinHandle<()>,
}

impl Client {
    /// Sends `request` in `version` and waits for the answer.
    pub(crate) async fn ask<Q: Request>(&mut self, version: i16, request: Q) -> Q::Response {
        let correlation_id = self.send(version, &request).await;
        self.receive::<Q>(version, correlation_id).await
    }

    /// Sends `request` without waiting; returns its correlation id.
    pub(crate) async fn send<Q: Request>(&mut self, version: i16, request: &Q) -> i32 {
        self.try_send(version, request).await.expect("the broker listens")
    }

    /// Waits for the next answer, which must be that to `correlation_id`.
    pub(crate) async fn receive<Q: Request>(
        &mut self,
        version: i16,
        correlation_id: i32,
    ) -> Q::Response {
        self.try_receive::<Q>(version, correlation_id).await.expect("the broker answers")
    }

    /// As [`Self::send`], on a connection that may break.
    ///
    /// # Errors
    /// When it is broken.
    pub(crate) async fn try_send<Q: Request>(
        &mut self,
        version: i16,
        request: &Q,
    ) -> std::io::Result<i32> {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(Q::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("test")));
        let mut frame = BytesMut::new();
        frame.put_u32(0);
        header.encode(&mut frame, Q::header_version(version)).expect("a header in this version");
        request.encode(&mut frame, version).expect("a request in this version");
        let length = u32::try_from(frame.len() - 4).expect("requests of tests are small");
        frame[..4].copy_from_slice(&length.to_be_bytes());
        self.stream.write_all(&frame).await?;
        Ok(self.correlation_id)
    }

    /// As [`Self::receive`], on a connection that may break.
    ///
    /// # Errors
    /// When it is broken.
    pub(crate) async fn try_receive<Q: Request>(
        &mut self,
        version: i16,
        correlation_id: i32,
    ) -> std::io::Result<Q::Response> {
        let length = self.stream.read_u32().await?;
        let mut frame = vec![0; length as usize];
        self.stream.read_exact(&mut frame).await?;
        let mut frame = Bytes::from(frame);
        let api_key = ApiKey::try_from(Q::KEY).expect("a known key");
        let header_version = api_key.response_header_version(version);
        let header = ResponseHeader::decode(&mut frame, header_version).expect("a header");
        assert_eq!(header.correlation_id, correlation_id, "answers keep the order of requests");
        let response = Q::Response::decode(&mut frame, version).expect("an answer");
        assert!(frame.is_empty(), "{} bytes behind the answer", frame.len());
        Ok(response)
    }
}
