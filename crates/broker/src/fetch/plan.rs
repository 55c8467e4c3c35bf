//! What a fetch request asks for: its limits, its session, its partitions.

use std::sync::Arc;
use std::time::Duration;

use commitlog::Isolation;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::FetchRequest;
use kafka_protocol::messages::fetch_request::FetchPartition;

use super::session::Session;
use super::sessions::{Changes, Shared, lock};
use super::target::{self, PartitionKey, TOPIC_ID_VERSION_MIN, Target, TopicKey, Wanted};
use crate::Broker;
use crate::context::RequestContext;

/// Epoch of a request without session; it closes the session it names.
const EPOCH_FINAL: i32 = -1;
/// Epoch of a request that opens a session.
const EPOCH_INITIAL: i32 = 0;
/// The id that stands for no session.
const SESSION_NONE: i32 = 0;
/// How many sessions there may be.
const SESSIONS_MAX: &str = "max.incremental.fetch.session.cache.slots";
/// What an answer within a session holds at most, unless the client waits for more: the client works on
/// it while the next answer is made. The session's order sees to it that no partition starves.
const SESSION_ANSWER_BYTES: usize = 8 << 20;
/// The isolation level that sees committed transactions only.
const READ_COMMITTED: i8 = 1;

/// How much a fetch wants, and how long it waits for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) bytes_min: usize,
    pub(super) bytes_max: usize,
    pub(super) wait: Duration,
    pub(super) isolation: Isolation,
}

impl Limits {
    fn in_session(self) -> Self {
        let bytes_max = self.bytes_max.min(SESSION_ANSWER_BYTES.max(self.bytes_min));
        Self { bytes_max, ..self }
    }
}

/// What a fetch request asks for.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) limits: Limits,
    pub(super) session_id: i32,
    pub(super) session: Option<Shared>,
    /// Whether only what is new to the session is answered.
    pub(super) is_incremental: bool,
    pub(super) targets: Vec<Target>,
}

/// Plans `request`. Fails when its session is not what it believes.
pub(super) fn plan(
    broker: &Broker,
    context: &RequestContext,
    request: &FetchRequest,
) -> Result<Plan, ResponseError> {
    let by_id = context.version >= TOPIC_ID_VERSION_MIN;
    let limits = limits(broker, context, request);
    let set = wanted(request, by_id);
    let (now, sessions) = (broker.clock.monotonic(), &broker.fetches.sessions);
    if !matches!(request.session_epoch, EPOCH_FINAL | EPOCH_INITIAL) {
        let changes = Changes {
            session_id: request.session_id,
            epoch: request.session_epoch,
            by_id,
            set,
            forgotten: forgotten(request, by_id),
        };
        let session = sessions.resume(changes, now)?;
        let wanted = lock(&session).wanted();
        // A session that has ended is answered without its id.
        let session_id = if wanted.is_empty() { SESSION_NONE } else { request.session_id };
        let targets = target::find(broker, context, wanted);
        return Ok(Plan {
            limits: limits.in_session(),
            session_id,
            session: Some(session),
            is_incremental: true,
            targets,
        });
    }
    if request.session_id != SESSION_NONE {
        sessions.close(request.session_id);
    }
    let mut opened = None;
    if request.session_epoch == EPOCH_INITIAL && !set.is_empty() {
        let mut session = Session::default();
        set.iter().for_each(|(key, wanted)| session.set(key.clone(), *wanted));
        let sessions_max = broker.settings.number(SESSIONS_MAX);
        let sessions_max = usize::try_from(sessions_max).unwrap_or(0);
        opened = sessions.open(session, by_id, now, broker.random.as_ref(), sessions_max);
    }
    let (limits, session_id, session) = match opened {
        Some((id, session)) => (limits.in_session(), id, Some(session)),
        None => (limits, SESSION_NONE, None),
    };
    let targets = target::find(broker, context, set);
    Ok(Plan { limits, session_id, session, is_incremental: false, targets })
}

impl Plan {
    /// Nothing of the plan is answered. A session that it opened ends, because its client does not hear
    /// of it; one that goes on still has to tell what it has.
    pub(super) fn withdraw(&mut self, broker: &Broker) {
        if !self.is_incremental && self.session.take().is_some() {
            broker.fetches.sessions.close(self.session_id);
            self.session_id = SESSION_NONE;
        }
    }
}

fn limits(broker: &Broker, context: &RequestContext, request: &FetchRequest) -> Limits {
    let answer_bytes_max = broker.settings.number("fetch.max.bytes");
    let bytes = |bytes: i32| usize::try_from(i64::from(bytes).min(answer_bytes_max)).unwrap_or(0);
    let bytes_max = bytes(request.max_bytes).min(broker.security.fetch_bytes_max(context));
    Limits {
        // Nobody waits for more than can be had.
        bytes_min: bytes(request.min_bytes).min(bytes_max),
        bytes_max,
        wait: Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0)),
        isolation: match request.isolation_level {
            READ_COMMITTED => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        },
    }
}

fn topic_key(by_id: bool, name: &str, id: u128) -> TopicKey {
    if by_id { TopicKey::Id(id) } else { TopicKey::Name(Arc::from(name)) }
}

fn wanted(request: &FetchRequest, by_id: bool) -> Vec<(PartitionKey, Wanted)> {
    let mut wanted = Vec::new();
    for data in &request.topics {
        let topic = topic_key(by_id, &data.topic, data.topic_id.as_u128());
        let partition = |partition: &FetchPartition| {
            let key = PartitionKey { topic: topic.clone(), partition: partition.partition };
            let wanted = Wanted {
                offset: partition.fetch_offset,
                bytes_max: usize::try_from(partition.partition_max_bytes).unwrap_or(0),
                leader_epoch: partition.current_leader_epoch,
            };
            (key, wanted)
        };
        wanted.extend(data.partitions.iter().map(partition));
    }
    wanted
}

fn forgotten(request: &FetchRequest, by_id: bool) -> Vec<PartitionKey> {
    let mut forgotten = Vec::new();
    for data in &request.forgotten_topics_data {
        let topic = topic_key(by_id, &data.topic, data.topic_id.as_u128());
        let key = |partition: &i32| PartitionKey { topic: topic.clone(), partition: *partition };
        forgotten.extend(data.partitions.iter().map(key));
    }
    forgotten
}
