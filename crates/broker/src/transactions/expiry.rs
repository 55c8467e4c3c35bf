//! What happens to transactional ids by themselves: transactions that take too long are aborted, ids
//! that nobody uses are forgotten. One task sleeps until the next deadline.

use std::sync::Arc;
use std::time::Duration;

use commitlog::Error as LogError;

use super::coordinator::Coordinator;
use super::slots::Slot;
use super::transaction::Transaction;
use crate::Broker;
use crate::on_disk::on_disk;

/// How long to wait after a failure of the log, a full disk for instance.
const RETRY_MS: i64 = 1_000;

/// Aborts and forgets, for ever; ends when the log takes nothing more.
pub(crate) async fn expire(broker: Arc<Broker>) {
    let coordinator = &broker.transactions;
    loop {
        if !on_disk(|| coordinator.expire_due()) {
            return;
        }
        match coordinator.deadlines.next_ms() {
            None => coordinator.deadlines.changed().await,
            Some(at_ms) => {
                let wait_ms = at_ms.saturating_sub(broker.clock.now_ms()).max(0);
                let wait = Duration::from_millis(wait_ms.unsigned_abs());
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(wait) => {}
                    () = coordinator.deadlines.changed() => {}
                }
            }
        }
    }
}

impl Coordinator {
    /// Queues the next deadline of `slot` if it stands there with a later one.
    pub(super) fn schedule(&self, slot: &mut Slot) {
        let Some(transaction) = &slot.transaction else { return };
        let idle_ms = transaction.updated_ms.saturating_add(self.settings.expiration_ms);
        let at_ms = transaction.timeout_at_ms().unwrap_or(idle_ms);
        self.schedule_at(slot, at_ms);
    }

    fn schedule_at(&self, slot: &mut Slot, at_ms: i64) {
        if slot.deadline_ms.is_none_or(|known_ms| at_ms < known_ms) {
            self.deadlines.move_to(&slot.id, slot.deadline_ms, at_ms);
            slot.deadline_ms = Some(at_ms);
        }
    }

    /// Looks at every id whose deadline has passed. Says whether the log still takes anything.
    fn expire_due(&self) -> bool {
        let now_ms = self.clock.now_ms();
        while let Some((at_ms, id)) = self.deadlines.take_due(now_ms) {
            let looked_at = self.slots.with_known(&id, |slot, transaction| {
                slot.deadline_ms = slot.deadline_ms.filter(|known_ms| *known_ms != at_ms);
                self.look_at(slot, transaction, now_ms)
            });
            if let Some(Err(LogError::Poisoned(_) | LogError::Closed)) = looked_at {
                return false;
            }
        }
        true
    }

    fn look_at(
        &self,
        slot: &mut Slot,
        transaction: &Transaction,
        now_ms: i64,
    ) -> Result<(), LogError> {
        let is_over = |at_ms: i64| at_ms <= now_ms;
        let done = if transaction.timeout_at_ms().is_some_and(is_over) {
            self.abort_overdue(slot, transaction, now_ms)
        } else if self.is_expired(transaction, now_ms) {
            self.forget(slot)
        } else {
            Ok(())
        };
        match &done {
            Ok(()) => self.schedule(slot),
            Err(error) => {
                // Of a full disk the log tells by itself.
                if !error.is_retryable() {
                    tracing::warn!(id = &*slot.id, %error, "cannot expire a transactional id");
                }
                self.schedule_at(slot, now_ms.saturating_add(RETRY_MS));
            }
        }
        done
    }

    fn is_expired(&self, transaction: &Transaction, now_ms: i64) -> bool {
        let since_ms = now_ms.saturating_sub(self.settings.expiration_ms);
        transaction.timeout_at_ms().is_none() && transaction.updated_ms <= since_ms
    }

    fn abort_overdue(
        &self,
        slot: &mut Slot,
        transaction: &Transaction,
        now_ms: i64,
    ) -> Result<(), LogError> {
        let fresh_id = self.id_after(transaction)?;
        self.commit(slot, transaction.timed_out(fresh_id, now_ms))?;
        tracing::info!(
            id = &*slot.id,
            producer_id = transaction.producer.id,
            timeout_ms = transaction.timeout_ms,
            "aborted a transaction that took too long"
        );
        Ok(())
    }
}
