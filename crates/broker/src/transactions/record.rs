//! The records of `__transaction_state`, in Kafka's own format, so that ordinary tools can read ours
//! and we can read those of a Kafka broker.
//!
//! Key: version (int16, 0), transactional id (string: int16 length, UTF-8). A null value forgets it.
//!
//! Value: version (int16, 0 or 1; 1 is written), producer id (int64), producer epoch (int16), timeout
//! in ms (int32), state (int8), partitions (nullable array of topic and array of int32), time of the
//! last change (int64), time of the beginning (int64). Version 1 writes lengths as varints of length
//! plus one and ends in tagged fields: 0 previous producer id (int64), 1 next producer id (int64),
//! 2 transaction version of the client (int16).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use commitlog::Producer;
use types::TopicPartition;

use super::State;
use super::transaction::{NO_EPOCH, NO_PRODUCER_ID, Transaction, TransactionVersion};
use crate::fields::{Reader, Writer};

const KEY_VERSION: i16 = 0;
const VALUE_VERSION: i16 = 1;
/// From this version on lengths are varints and tagged fields follow.
const FLEXIBLE_VERSION: i16 = 1;
const PREVIOUS_ID_TAG: usize = 0;
const NEXT_ID_TAG: usize = 1;
const CLIENT_VERSION_TAG: usize = 2;
/// What Kafka calls version 2 of transactions.
const CLIENT_VERSION_2: i16 = 2;

/// The key of transactional `id`.
pub(super) fn key(id: &str) -> Bytes {
    let mut key = Writer::new(KEY_VERSION);
    key.string(id);
    key.finish()
}

/// The transactional id that `key` is for; `None` when it is another kind of key.
pub(super) fn id_of(key: &[u8]) -> Option<std::sync::Arc<str>> {
    let mut key = Reader::new(key);
    (key.i16()? == KEY_VERSION).then_some(())?;
    key.string()
}

/// The value that says `transaction`.
pub(super) fn value(transaction: &Transaction) -> Bytes {
    let mut value = Writer::new(VALUE_VERSION);
    value.i64(transaction.producer.id);
    value.i16(transaction.producer.epoch);
    value.i32(transaction.timeout_ms);
    value.i8(transaction.state.id());
    match transaction.state {
        State::Empty => value.compact_null(),
        _ => write_partitions(&mut value, &transaction.partitions),
    }
    value.i64(transaction.updated_ms);
    value.i64(transaction.start_ms);
    value.tags(&tagged(transaction));
    value.finish()
}

fn write_partitions(value: &mut Writer, partitions: &BTreeSet<TopicPartition>) {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    value.compact_length(topics.len());
    for (topic, numbers) in topics {
        value.compact_string(topic);
        value.compact_length(numbers.len());
        numbers.into_iter().for_each(|number| value.i32(number));
        value.no_tags();
    }
}

/// Tagged fields are left out when they say what goes without saying.
fn tagged(transaction: &Transaction) -> Vec<(usize, Vec<u8>)> {
    let ids = [(PREVIOUS_ID_TAG, transaction.previous_id), (NEXT_ID_TAG, transaction.next_id)];
    let known = ids.into_iter().filter(|(_, id)| *id != NO_PRODUCER_ID);
    let mut fields: Vec<_> = known.map(|(tag, id)| (tag, id.to_be_bytes().to_vec())).collect();
    if transaction.version == TransactionVersion::V2 {
        fields.push((CLIENT_VERSION_TAG, CLIENT_VERSION_2.to_be_bytes().to_vec()));
    }
    fields
}

/// What `value` says; `None` when it is of a version or state that is never written.
pub(super) fn parse(value: &[u8]) -> Option<Transaction> {
    let mut value = Reader::new(value);
    let version = value.i16()?;
    (0..=VALUE_VERSION).contains(&version).then_some(())?;
    let is_flexible = version >= FLEXIBLE_VERSION;
    let mut transaction = Transaction {
        producer: Producer { id: value.i64()?, epoch: value.i16()? },
        previous_id: NO_PRODUCER_ID,
        next_id: NO_PRODUCER_ID,
        last_epoch: NO_EPOCH,
        timeout_ms: value.i32()?,
        state: State::from_id(value.i8()?)?,
        partitions: if is_flexible {
            read_compact_partitions(&mut value)?
        } else {
            read_partitions(&mut value)?
        },
        updated_ms: value.i64()?,
        start_ms: value.i64()?,
        version: TransactionVersion::V1,
    };
    if is_flexible {
        value.tags(|tag, bytes| read_tagged(&mut transaction, tag, Reader::new(bytes)))?;
    }
    Some(transaction)
}

fn read_partitions(value: &mut Reader<'_>) -> Option<BTreeSet<TopicPartition>> {
    let mut partitions = BTreeSet::new();
    for _ in 0..value.nullable_length()? {
        let topic = value.string()?;
        for _ in 0..value.nullable_length()? {
            partitions.insert(TopicPartition::new(topic.clone(), value.i32()?));
        }
    }
    Some(partitions)
}

fn read_compact_partitions(value: &mut Reader<'_>) -> Option<BTreeSet<TopicPartition>> {
    let mut partitions = BTreeSet::new();
    for _ in 0..value.compact_nullable_length()? {
        let topic = value.compact_string()?;
        for _ in 0..value.compact_nullable_length()? {
            partitions.insert(TopicPartition::new(topic.clone(), value.i32()?));
        }
        value.skip_tags()?;
    }
    Some(partitions)
}

fn read_tagged(transaction: &mut Transaction, tag: usize, mut field: Reader<'_>) {
    match tag {
        PREVIOUS_ID_TAG => transaction.previous_id = field.i64().unwrap_or(NO_PRODUCER_ID),
        NEXT_ID_TAG => transaction.next_id = field.i64().unwrap_or(NO_PRODUCER_ID),
        CLIENT_VERSION_TAG if field.i16().is_some_and(|version| version >= CLIENT_VERSION_2) => {
            transaction.version = TransactionVersion::V2;
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> Transaction {
        let names = [("orders", 0), ("orders", 3), ("__consumer_offsets", 17)];
        Transaction {
            producer: Producer { id: 4_000_000_007, epoch: 12 },
            previous_id: 4_000_000_007,
            next_id: NO_PRODUCER_ID,
            last_epoch: NO_EPOCH,
            timeout_ms: 60_000,
            state: State::Ongoing,
            partitions: names.map(|(topic, number)| TopicPartition::new(topic, number)).into(),
            start_ms: 1_700_000_000_001,
            updated_ms: 1_700_000_000_002,
            version: TransactionVersion::V2,
        }
    }

    #[test]
    fn there_and_back() {
        let transaction = transaction();
        assert_eq!(parse(&value(&transaction)), Some(transaction));
        assert_eq!(id_of(&key("täglich")).as_deref(), Some("täglich"));
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = value(&transaction());
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]), None, "cut at {end}");
        }
        let whole = key("id");
        for end in 0..whole.len() {
            assert_eq!(id_of(&whole[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn reads_version_0_as_kafka_writes_it() {
        let mut bytes = vec![0, 0];
        bytes.extend(7_i64.to_be_bytes());
        bytes.extend(3_i16.to_be_bytes());
        bytes.extend(30_000_i32.to_be_bytes());
        bytes.push(2);
        bytes.extend([0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 9]);
        bytes.extend(20_i64.to_be_bytes());
        bytes.extend(10_i64.to_be_bytes());
        let transaction = parse(&bytes).expect("sound");
        assert_eq!(transaction.producer, Producer { id: 7, epoch: 3 });
        assert_eq!(transaction.state, State::PrepareCommit);
        assert_eq!(transaction.partitions, [TopicPartition::new("t", 9)].into());
        assert_eq!((transaction.start_ms, transaction.updated_ms), (10, 20));
        assert_eq!(transaction.version, TransactionVersion::V1);
    }

    #[test]
    fn writes_the_bytes_that_kafka_reads() {
        let mut transaction = transaction();
        transaction.partitions = [TopicPartition::new("t", 9)].into();
        let mut expected = vec![0, 1];
        expected.extend(4_000_000_007_i64.to_be_bytes());
        expected.extend([0, 12, 0, 0, 0xea, 0x60, 1]);
        // One topic of one byte with one partition, each length one more, no tagged fields.
        expected.extend([2, 2, b't', 2, 0, 0, 0, 9, 0]);
        expected.extend(1_700_000_000_002_i64.to_be_bytes());
        expected.extend(1_700_000_000_001_i64.to_be_bytes());
        expected.extend([2, 0, 8]);
        expected.extend(4_000_000_007_i64.to_be_bytes());
        expected.extend([2, 2, 0, 2]);
        assert_eq!(value(&transaction), expected);
    }

    #[test]
    fn other_keys_and_states_are_passed_over() {
        assert_eq!(id_of(&[0, 1, 0, 1, b'x']), None);
        let mut bytes = value(&transaction()).to_vec();
        bytes[16] = 6;
        assert_eq!(parse(&bytes), None);
        bytes[..2].copy_from_slice(&[0, 9]);
        assert_eq!(parse(&bytes), None);
    }
}
