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

use bytes::{Buf, BufMut};
use commitlog::Producer;
use types::TopicPartition;

use super::State;
use super::transaction::{NO_EPOCH, NO_PRODUCER_ID, Transaction, TransactionVersion};

const KEY_VERSION: i16 = 0;
const VALUE_VERSION: i16 = 1;
/// From this version on lengths are varints and tagged fields follow.
const FLEXIBLE_VERSION: i16 = 1;
const PREVIOUS_ID_TAG: u32 = 0;
const NEXT_ID_TAG: u32 = 1;
const CLIENT_VERSION_TAG: u32 = 2;
/// What Kafka calls version 2 of transactions.
const CLIENT_VERSION_2: i16 = 2;

/// The key of transactional `id`, which is shorter than 32 KiB as it came in a request.
pub(super) fn key(id: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + id.len());
    out.put_i16(KEY_VERSION);
    out.put_i16(id.len() as i16);
    out.put_slice(id.as_bytes());
    out
}

/// The transactional id that `key` is for; `None` when it is another kind of key.
pub(super) fn id_of(key: &[u8]) -> Option<String> {
    let mut key = Fields { bytes: key, is_flexible: false };
    (key.i16()? == KEY_VERSION).then_some(())?;
    key.string()
}

/// The value that says `transaction`.
pub(super) fn value(transaction: &Transaction) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + 16 * transaction.partitions.len());
    out.put_i16(VALUE_VERSION);
    out.put_i64(transaction.producer.id);
    out.put_i16(transaction.producer.epoch);
    out.put_i32(transaction.timeout_ms);
    out.put_i8(transaction.state.id());
    match transaction.state {
        State::Empty => put_varint(&mut out, 0),
        _ => put_partitions(&mut out, &transaction.partitions),
    }
    out.put_i64(transaction.updated_ms);
    out.put_i64(transaction.start_ms);
    put_tagged(&mut out, transaction);
    out
}

fn put_partitions(out: &mut Vec<u8>, partitions: &BTreeSet<TopicPartition>) {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    put_length(out, topics.len());
    for (topic, numbers) in topics {
        put_length(out, topic.len());
        out.put_slice(topic.as_bytes());
        put_length(out, numbers.len());
        numbers.into_iter().for_each(|number| out.put_i32(number));
        put_varint(out, 0);
    }
}

/// Tagged fields are left out when they say what goes without saying.
fn put_tagged(out: &mut Vec<u8>, transaction: &Transaction) {
    let mut fields: Vec<(u32, Vec<u8>)> = Vec::new();
    let ids = [(PREVIOUS_ID_TAG, transaction.previous_id), (NEXT_ID_TAG, transaction.next_id)];
    for (tag, id) in ids {
        if id != NO_PRODUCER_ID {
            fields.push((tag, id.to_be_bytes().to_vec()));
        }
    }
    if transaction.version == TransactionVersion::V2 {
        fields.push((CLIENT_VERSION_TAG, CLIENT_VERSION_2.to_be_bytes().to_vec()));
    }
    put_varint(out, fields.len() as u32);
    for (tag, bytes) in fields {
        put_varint(out, tag);
        put_varint(out, bytes.len() as u32);
        out.put_slice(&bytes);
    }
}

/// Lengths are those of names and lists in requests, far below 32 bits.
fn put_length(out: &mut Vec<u8>, length: usize) {
    put_varint(out, length as u32 + 1);
}

fn put_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// What `value` says; `None` when it is of a version or state that is never written.
pub(super) fn parse(value: &[u8]) -> Option<Transaction> {
    let version = i16::from_be_bytes(*value.first_chunk()?);
    (0..=VALUE_VERSION).contains(&version).then_some(())?;
    let is_flexible = version >= FLEXIBLE_VERSION;
    let mut fields = Fields { bytes: &value[2..], is_flexible };
    let mut transaction = Transaction {
        producer: Producer { id: fields.i64()?, epoch: fields.i16()? },
        previous_id: NO_PRODUCER_ID,
        next_id: NO_PRODUCER_ID,
        last_epoch: NO_EPOCH,
        timeout_ms: fields.i32()?,
        state: State::from_id(fields.i8()?)?,
        partitions: fields.partitions()?,
        updated_ms: fields.i64()?,
        start_ms: fields.i64()?,
        version: TransactionVersion::V1,
    };
    if is_flexible {
        fields.tagged(|tag, mut bytes| match tag {
            PREVIOUS_ID_TAG => transaction.previous_id = bytes.try_get_i64().unwrap_or(-1),
            NEXT_ID_TAG => transaction.next_id = bytes.try_get_i64().unwrap_or(-1),
            CLIENT_VERSION_TAG if bytes.try_get_i16().unwrap_or(0) >= CLIENT_VERSION_2 => {
                transaction.version = TransactionVersion::V2;
            }
            _ => {}
        })?;
    }
    Some(transaction)
}

/// Reads fields one after the other; `None` when the bytes end too early.
struct Fields<'a> {
    bytes: &'a [u8],
    is_flexible: bool,
}

impl<'a> Fields<'a> {
    fn i8(&mut self) -> Option<i8> {
        self.bytes.try_get_i8().ok()
    }

    fn i16(&mut self) -> Option<i16> {
        self.bytes.try_get_i16().ok()
    }

    fn i32(&mut self) -> Option<i32> {
        self.bytes.try_get_i32().ok()
    }

    fn i64(&mut self) -> Option<i64> {
        self.bytes.try_get_i64().ok()
    }

    fn varint(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.bytes.try_get_u8().ok()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn string(&mut self) -> Option<String> {
        let length = if self.is_flexible {
            self.varint()?.checked_sub(1)? as usize
        } else {
            usize::try_from(self.i16()?).ok()?
        };
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    /// The number of elements of an array; null counts as none.
    fn count(&mut self) -> Option<u32> {
        if self.is_flexible {
            return Some(self.varint()?.saturating_sub(1));
        }
        Some(u32::try_from(self.i32()?).unwrap_or(0))
    }

    fn partitions(&mut self) -> Option<BTreeSet<TopicPartition>> {
        let mut partitions = BTreeSet::new();
        for _ in 0..self.count()? {
            let topic: std::sync::Arc<str> = self.string()?.into();
            for _ in 0..self.count()? {
                partitions.insert(TopicPartition::new(topic.clone(), self.i32()?));
            }
            if self.is_flexible {
                self.tagged(|_, _| {})?;
            }
        }
        Some(partitions)
    }

    fn tagged(&mut self, mut field: impl FnMut(u32, &'a [u8])) -> Option<()> {
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()? as usize;
            field(tag, self.take(length)?);
        }
        Some(())
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
        let mut bytes = value(&transaction());
        bytes[16] = 6;
        assert_eq!(parse(&bytes), None);
        bytes[..2].copy_from_slice(&[0, 9]);
        assert_eq!(parse(&bytes), None);
    }
}
