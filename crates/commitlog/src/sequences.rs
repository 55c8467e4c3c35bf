//! Producer ids for whoever writes to the log from within this process: tasks of queries, connectors.
//! Their batches are numbered per partition as those of Kafka's idempotent producers, so that readers
//! and tools find in them what they expect.

use hashbrown::HashMap;
use records::Builder;
use types::TopicPartition;

use crate::Append;

/// One producer's sequence numbers. It begins anew with a new id whenever a commit has failed, because
/// then the numbers of its batches are lost.
#[derive(Clone, Debug)]
pub struct Sequences {
    producer_id: i64,
    next: HashMap<TopicPartition, i32>,
}

impl Sequences {
    /// For producer `producer_id`, which has not written yet (see
    /// [`crate::Log::allocate_producer_id`]).
    pub fn new(producer_id: i64) -> Self {
        Self { producer_id, next: HashMap::new() }
    }

    /// Numbers the batch in `builder`, to be appended to `partition` after all before it.
    pub fn append(&mut self, partition: TopicPartition, builder: Builder) -> Append {
        let records = builder.len() as i32;
        let next = self.next.entry_ref(&partition).or_insert(0);
        let batch = builder.producer(self.producer_id, 0, *next).build();
        // Behind the greatest number comes 0.
        *next = next.wrapping_add(records) & i32::MAX;
        Append { partition, batch }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use records::{Batch, Compression};

    use super::*;

    fn numbers(batch: &Bytes) -> (i64, i16, i32) {
        let batch = Batch::parse(batch).expect("sound");
        (batch.producer_id(), batch.producer_epoch(), batch.base_sequence())
    }

    #[test]
    fn each_partition_has_its_own_numbers_and_they_wrap() {
        let mut sequences = Sequences::new(7);
        let mut append = |partition, records| {
            let mut builder = Builder::new(Compression::None);
            (0..records).for_each(|_| builder.append(0, None, None, &[]));
            numbers(&sequences.append(TopicPartition::new("t", partition), builder).batch)
        };
        assert_eq!([append(0, 3), append(1, 1), append(0, 1)], [(7, 0, 0), (7, 0, 0), (7, 0, 3)]);
        assert_eq!(append(0, 1), (7, 0, 4));
        sequences.next.insert(TopicPartition::new("t", 0), i32::MAX);
        let mut builder = Builder::new(Compression::None);
        (0..2).for_each(|_| builder.append(0, None, None, &[]));
        let last = sequences.append(TopicPartition::new("t", 0), builder);
        assert_eq!(numbers(&last.batch), (7, 0, i32::MAX));
        assert_eq!(sequences.next[&TopicPartition::new("t", 0)], 1);
    }
}
