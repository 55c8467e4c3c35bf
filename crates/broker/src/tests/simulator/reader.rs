//! A consumer without a group that reads everything, again and again from where it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::{FetchRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use records::{Batches, ControlKind};
use types::TopicPartition;

use super::ledger::Ledger;
use super::link::{Broken, Way};
use super::world::{ATOMIC, PARTITIONS, PLAIN, World};

/// Version of Fetch that names topics.
const FETCH: i16 = 12;

/// Every partition of the simulation.
pub(super) fn partitions() -> impl Iterator<Item = TopicPartition> {
    [PLAIN, ATOMIC]
        .into_iter()
        .flat_map(|topic| (0..PARTITIONS).map(move |number| TopicPartition::new(topic, number)))
}

/// Reads until the faults end, only committed records or all.
pub(super) async fn run(
    world: Arc<World>,
    ledger: Arc<Ledger>,
    is_committed: bool,
) -> Result<(), String> {
    let mut way = Way::new(&world);
    let mut readers: Vec<Reader> = partitions().map(|at| Reader::new(at, is_committed)).collect();
    while !world.is_healed() {
        for reader in &mut readers {
            match reader.read(&mut way).await {
                Ok(records) => {
                    for (offset, value) in records {
                        ledger.note(format!("{} {offset} {value}", reader.at));
                        see(&ledger, &reader.at, is_committed, offset, value)?;
                    }
                }
                Err(Stopped::Broken) => way.hang_up().await,
                Err(Stopped::Wrong(problem)) => return Err(problem),
            }
        }
    }
    Ok(())
}

fn see(
    ledger: &Ledger,
    at: &TopicPartition,
    is_committed: bool,
    offset: i64,
    value: String,
) -> Result<(), String> {
    let mut told = ledger.told();
    let seen = if is_committed { &mut told.seen_committed } else { &mut told.seen };
    match seen.insert((at.clone(), offset), value.clone()) {
        Some(before) if before != value => {
            Err(format!("{at} at {offset} was '{before}' and is '{value}'"))
        }
        _ => Ok(()),
    }
}

/// Why a read gave nothing.
pub(super) enum Stopped {
    Broken,
    Wrong(String),
}

/// A place in a partition.
pub(super) struct Reader {
    pub(super) at: TopicPartition,
    is_committed: bool,
    next: i64,
    pub(super) high_watermark: i64,
    pub(super) last_stable: i64,
}

impl Reader {
    pub(super) fn new(at: TopicPartition, is_committed: bool) -> Self {
        Self { at, is_committed, next: 0, high_watermark: 0, last_stable: 0 }
    }

    /// The next records that count: their offsets and values.
    pub(super) async fn read(&mut self, way: &mut Way<'_>) -> Result<Vec<(i64, String)>, Stopped> {
        let partition = FetchPartition::default()
            .with_partition(self.at.partition)
            .with_fetch_offset(self.next)
            .with_current_leader_epoch(-1)
            .with_partition_max_bytes(1 << 20);
        let topic = FetchTopic::default()
            .with_topic(TopicName(StrBytes::from_string(self.at.topic.to_string())))
            .with_partitions(vec![partition]);
        let request = FetchRequest::default()
            .with_max_wait_ms(10)
            .with_min_bytes(1)
            .with_max_bytes(1 << 20)
            .with_isolation_level(i8::from(self.is_committed))
            .with_session_epoch(-1)
            .with_topics(vec![topic]);
        let answer = way.link().ask(FETCH, request).await;
        let answer = answer.map_err(|Broken| Stopped::Broken)?;
        let wrong = |problem: String| Stopped::Wrong(format!("{}: {problem}", self.at));
        let topic = answer.responses.first();
        let Some(partition) = topic.and_then(|topic| topic.partitions.first()) else {
            return Err(wrong(format!("no answer, error {}", answer.error_code)));
        };
        if partition.error_code != 0 {
            return Err(wrong(format!("error {}", partition.error_code)));
        }
        self.follow(partition).map_err(|problem| Stopped::Wrong(format!("{}: {problem}", self.at)))
    }

    fn follow(&mut self, partition: &PartitionData) -> Result<Vec<(i64, String)>, String> {
        let (high_watermark, last_stable) =
            (partition.high_watermark, partition.last_stable_offset);
        if high_watermark < self.high_watermark || last_stable < self.last_stable {
            return Err(format!(
                "high watermark from {} to {high_watermark}, last stable offset from {} to \
                 {last_stable}",
                self.high_watermark, self.last_stable
            ));
        }
        (self.high_watermark, self.last_stable) = (high_watermark, last_stable);
        let mut aborted: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for transaction in partition.aborted_transactions.iter().flatten() {
            aborted.entry(transaction.producer_id.0).or_default().push(transaction.first_offset);
        }
        let bytes = partition.records.clone().unwrap_or_default();
        self.take(&bytes, aborted)
    }

    /// The records that count, as consumers filter them: what an aborted transaction wrote from its
    /// first offset to its marker does not.
    fn take(
        &mut self,
        bytes: &Bytes,
        mut aborted: BTreeMap<i64, Vec<i64>>,
    ) -> Result<Vec<(i64, String)>, String> {
        let mut taken = Vec::new();
        for batch in Batches::new(bytes) {
            let batch = batch.map_err(|error| error.to_string())?;
            let producer = batch.producer_id();
            let records = batch.records().map_err(|error| error.to_string())?;
            let starts = aborted.entry(producer).or_default();
            if batch.is_control() {
                let is_abort = |record| ControlKind::of(&record) == Some(ControlKind::Abort);
                // A marker may end a transaction that wrote nothing here; it is not in the list.
                let ends_one = starts.first().is_some_and(|first| *first <= batch.base_offset());
                if records.iter().any(is_abort) && ends_one {
                    starts.remove(0);
                }
            }
            let is_aborted = batch.is_transactional()
                && starts.iter().any(|first| *first <= batch.base_offset());
            let counts = !batch.is_control() && !is_aborted;
            for record in records.iter().filter(|record| counts && record.offset >= self.next) {
                let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
                taken.push((record.offset, value));
            }
            self.next = self.next.max(batch.last_offset() + 1);
        }
        Ok(taken)
    }

    /// Whether everything there is has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.next >= if self.is_committed { self.last_stable } else { self.high_watermark }
    }
}
