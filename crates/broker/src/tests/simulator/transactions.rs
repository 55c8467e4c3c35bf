//! A transactional producer that also commits a group's offsets within its transactions: either as
//! clients before KIP-890 do it, or as those after it, whose epoch grows with every transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, GroupId,
    InitProducerIdRequest, ProducerId, TopicName, TransactionalId, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::StrBytes;
use testkit::random::SeededRandom;
use types::TopicPartition;

use super::ledger::{Ending, Ledger};
use super::link::{Broken, Way, pause};
use super::producer::{PRODUCE, batch, outcome, request};
use super::world::{ATOMIC, PARTITIONS, World};

/// After this the broker aborts a transaction.
pub(super) const TIMEOUT: Duration = Duration::from_secs(8);
/// Batches of one transaction at most.
const BATCHES_MAX: u64 = 3;
/// The last version of Produce whose partitions are added beforehand.
const PRODUCE_BEFORE: i16 = 11;

/// The producer lost its right to go on with the transaction, or its id.
struct Fenced;

/// One transactional producer.
struct Client<'a> {
    way: Way<'a>,
    id: String,
    group: String,
    /// Whether it speaks as clients since KIP-890 do.
    is_modern: bool,
    producer: ProducerId,
    epoch: i16,
    sequences: BTreeMap<TopicPartition, i32>,
}

/// Runs transactions until the faults end.
pub(super) async fn run(world: Arc<World>, ledger: Arc<Ledger>, number: i32) -> Result<(), String> {
    let random = SeededRandom::new(number as u64 + 100);
    let mut client = Client {
        way: Way::new(&world),
        id: format!("transactions-{number}"),
        group: format!("group-of-transactions-{number}"),
        is_modern: number % 2 == 0,
        producer: ProducerId(-1),
        epoch: -1,
        sequences: BTreeMap::new(),
    };
    client.initialise().await?;
    let mut transaction = 0;
    while !world.is_healed() {
        transaction += 1;
        let (values, ending) = client.transact(transaction, &random).await?;
        ledger.note(format!("{} {transaction} {ending:?}", client.id));
        ledger.told().transactions.push((values, ending));
        if ending == Ending::Unknown {
            client.initialise().await?;
        }
    }
    Ok(())
}

impl Client<'_> {
    fn transactional_id(&self) -> TransactionalId {
        TransactionalId(StrBytes::from_string(self.id.clone()))
    }

    /// Takes the id for itself; what was open under it is aborted.
    async fn initialise(&mut self) -> Result<(), String> {
        loop {
            let request = InitProducerIdRequest::default()
                .with_transactional_id(Some(self.transactional_id()))
                .with_transaction_timeout_ms(TIMEOUT.as_millis() as i32)
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1);
            let answer = self.way.insist(4, request).await;
            match ResponseError::try_from_code(answer.error_code) {
                None => {
                    (self.producer, self.epoch) = (answer.producer_id, answer.producer_epoch);
                    self.sequences.clear();
                    return Ok(());
                }
                Some(error) if is_passing(error) => pause().await,
                Some(error) => return Err(format!("{}: InitProducerId: {error}", self.id)),
            }
        }
    }

    /// One transaction from its beginning to its end.
    async fn transact(
        &mut self,
        number: i64,
        random: &SeededRandom,
    ) -> Result<(BTreeMap<TopicPartition, Vec<String>>, Ending), String> {
        let mut values: BTreeMap<TopicPartition, Vec<String>> = BTreeMap::new();
        for batch in 0..=random.below(BATCHES_MAX) {
            let at = TopicPartition::new(ATOMIC, random.below(PARTITIONS as u64) as i32);
            let value = format!("{}:{number}:{batch}", self.id);
            values.entry(at.clone()).or_default().push(value.clone());
            if self.write(&at, value).await?.is_err() {
                return Ok((values, Ending::Unknown));
            }
        }
        if random.one_in(2) && self.commit_offset(number).await?.is_err() {
            return Ok((values, Ending::Unknown));
        }
        let commits = !random.one_in(3);
        let ending = match self.end(commits).await? {
            Ok(()) if commits => Ending::Committed,
            Ok(()) => Ending::Aborted,
            Err(Fenced) => Ending::Unknown,
        };
        Ok((values, ending))
    }

    async fn write(
        &mut self,
        at: &TopicPartition,
        value: String,
    ) -> Result<Result<(), Fenced>, String> {
        if !self.is_modern {
            let topic = AddPartitionsToTxnTopic::default()
                .with_name(TopicName(StrBytes::from_string(at.topic.to_string())))
                .with_partitions(vec![at.partition]);
            let add = AddPartitionsToTxnRequest::default()
                .with_v3_and_below_transactional_id(self.transactional_id())
                .with_v3_and_below_producer_id(self.producer)
                .with_v3_and_below_producer_epoch(self.epoch)
                .with_v3_and_below_topics(vec![topic]);
            let code = |answer: &kafka_protocol::messages::AddPartitionsToTxnResponse| {
                answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
            };
            if let Err(fenced) = self.until_done(3, add, code).await? {
                return Ok(Err(fenced));
            }
        }
        let sequence = *self.sequences.get(at).unwrap_or(&0);
        let bytes = batch(&[value], Some((self.producer.0, self.epoch, sequence)), true);
        let request = request(at, bytes, Some(&self.id));
        let version = if self.is_modern { PRODUCE } else { PRODUCE_BEFORE };
        let code = |answer: &kafka_protocol::messages::ProduceResponse| {
            outcome(answer).err().map_or(0, |error| error.code())
        };
        let written = self.until_done(version, request, code).await?;
        if written.is_ok() {
            self.sequences.insert(at.clone(), sequence + 1);
        }
        Ok(written)
    }

    async fn commit_offset(&mut self, offset: i64) -> Result<Result<(), Fenced>, String> {
        let group = GroupId(StrBytes::from_string(self.group.clone()));
        if !self.is_modern {
            let add = AddOffsetsToTxnRequest::default()
                .with_transactional_id(self.transactional_id())
                .with_producer_id(self.producer)
                .with_producer_epoch(self.epoch)
                .with_group_id(group.clone());
            if let Err(fenced) = self.until_done(3, add, |answer| answer.error_code).await? {
                return Ok(Err(fenced));
            }
        }
        let partition = TxnOffsetCommitRequestPartition::default()
            .with_partition_index(0)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(-1);
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(TopicName(StrBytes::from_static_str(ATOMIC)))
            .with_partitions(vec![partition]);
        let commit = TxnOffsetCommitRequest::default()
            .with_transactional_id(self.transactional_id())
            .with_group_id(group)
            .with_producer_id(self.producer)
            .with_producer_epoch(self.epoch)
            .with_topics(vec![topic]);
        let version = if self.is_modern { 5 } else { 3 };
        let code = |answer: &kafka_protocol::messages::TxnOffsetCommitResponse| {
            answer.topics[0].partitions[0].error_code
        };
        self.until_done(version, commit, code).await
    }

    async fn end(&mut self, commits: bool) -> Result<Result<(), Fenced>, String> {
        let request = EndTxnRequest::default()
            .with_transactional_id(self.transactional_id())
            .with_producer_id(self.producer)
            .with_producer_epoch(self.epoch)
            .with_committed(commits);
        if !self.is_modern {
            return self.until_done(3, request, |answer| answer.error_code).await;
        }
        let mut successor = (self.producer, self.epoch);
        let code = |answer: &kafka_protocol::messages::EndTxnResponse| {
            successor = (answer.producer_id, answer.producer_epoch);
            answer.error_code
        };
        let ended = self.until_done(5, request, code).await?;
        if ended.is_ok() {
            (self.producer, self.epoch) = successor;
            self.sequences.clear();
        }
        Ok(ended)
    }

    /// Asks until it is done; the same request again does no harm.
    async fn until_done<Q: kafka_protocol::protocol::Request + Clone>(
        &mut self,
        version: i16,
        request: Q,
        mut code: impl FnMut(&Q::Response) -> i16,
    ) -> Result<Result<(), Fenced>, String> {
        loop {
            let answer = match self.way.link().ask(version, request.clone()).await {
                Ok(answer) => answer,
                Err(Broken) => {
                    self.way.hang_up().await;
                    continue;
                }
            };
            match ResponseError::try_from_code(code(&answer)) {
                None => return Ok(Ok(())),
                Some(error) if is_fencing(error) => return Ok(Err(Fenced)),
                Some(error) if is_passing(error) => pause().await,
                Some(error) => return Err(format!("{}: request {}: {error}", self.id, Q::KEY)),
            }
        }
    }
}

/// The broker says: not now.
fn is_passing(error: ResponseError) -> bool {
    error.is_retriable() || error == ResponseError::ConcurrentTransactions
}

/// The broker has ended the transaction, because it took too long for instance.
fn is_fencing(error: ResponseError) -> bool {
    use ResponseError as E;
    matches!(
        error,
        E::InvalidProducerEpoch | E::ProducerFenced | E::InvalidTxnState | E::TransactionAbortable
    )
}
