//! What is put in order at a start, so that no reader of committed records waits for somebody who will
//! never come.
//!
//! This broker writes nothing that would need it: decisions and markers are one commit, and so are a
//! transaction's first batch in a partition and the record that says so. But a data directory may hold
//! segments of a Kafka broker, and somebody may have deleted `__transaction_state`.

use commitlog::{Commit, Log as _, Marker, Outcome, ProducerState};
use types::TopicPartition;

use super::State;
use super::coordinator::Coordinator;

impl Coordinator {
    /// Carries out decisions that were written down without their end.
    ///
    /// # Errors
    /// When the log fails.
    pub(super) fn carry_out_decisions(&self) -> commitlog::Result<()> {
        for (id, _) in self.slots.snapshot() {
            let carried_out = self.slots.with_known(&id, |slot, transaction| {
                let step = transaction.carried_out(self.clock.now_ms());
                step.map_or(Ok(()), |step| self.commit(slot, step))
            });
            carried_out.unwrap_or(Ok(()))?;
        }
        Ok(())
    }

    /// Aborts open transactions in partitions that belong to no transactional id.
    ///
    /// # Errors
    /// When the log fails.
    pub(super) fn abort_strays(&self) -> commitlog::Result<()> {
        let markers = self.stray_markers()?;
        if markers.is_empty() {
            return Ok(());
        }
        for Marker { partition, producer, .. } in &markers {
            tracing::warn!(%partition, producer_id = producer.id, "aborting nobody's transaction");
        }
        self.log.commit(Commit { markers, ..Commit::default() })?;
        Ok(())
    }

    /// Aborts for them.
    ///
    /// # Errors
    /// When the log fails.
    pub(super) fn stray_markers(&self) -> commitlog::Result<Vec<Marker>> {
        let mut open = std::collections::BTreeMap::new();
        for (_, transaction) in self.slots.snapshot() {
            if transaction.state == State::Ongoing {
                open.insert(transaction.producer.id, transaction);
            }
        }
        let is_stray = |at: &TopicPartition, state: &ProducerState| {
            let owner = open.get(&state.producer.id);
            state.transaction_start.is_some()
                && owner.is_none_or(|transaction| !transaction.partitions.contains(at))
        };
        let mut markers = Vec::new();
        for topic in self.log.topics() {
            for partition in 0..topic.config.partitions {
                let at = TopicPartition::new(topic.name.clone(), partition);
                let states = self.log.producers(&at)?;
                let strays = states.into_iter().filter(|state| is_stray(&at, state));
                markers.extend(strays.map(|state| abort(at.clone(), &state)));
            }
        }
        Ok(markers)
    }
}

fn abort(partition: TopicPartition, state: &ProducerState) -> Marker {
    Marker {
        partition,
        producer: state.producer,
        outcome: Outcome::Abort,
        coordinator_epoch: state.coordinator_epoch.max(0),
    }
}
