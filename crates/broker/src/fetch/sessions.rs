//! All incremental fetch sessions, bounded in number. Who opens one more when there is no room gets
//! none and fetches in full, unless an idle or a smaller one can go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kafka_protocol::ResponseError;
use types::seams::Random;

use super::session::Session;
use super::target::{PartitionKey, Wanted};

/// Partitions of all sessions together.
const PARTITIONS_MAX: usize = 500_000;
/// How long a session is safe from others (Kafka's `min.incremental.fetch.session.eviction.ms`).
const SAFE_TIME: Duration = Duration::from_secs(120);
/// The epoch of a session's first request after the one that opened it.
const EPOCH_FIRST: i32 = 1;

/// A session that several requests may look at.
pub(super) type Shared = Arc<Mutex<Session>>;

/// How an incremental request changes its session.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) session_id: i32,
    pub(super) epoch: i32,
    /// Whether the request names topics by id.
    pub(super) by_id: bool,
    pub(super) set: Vec<(PartitionKey, Wanted)>,
    pub(super) forgotten: Vec<PartitionKey>,
}

/// The sessions, by id.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    entries: Mutex<HashMap<i32, Entry>>,
}

#[derive(Debug)]
struct Entry {
    session: Shared,
    by_id: bool,
    /// The epoch that the next request must have.
    epoch: i32,
    /// Number of its partitions.
    partitions: usize,
    opened: Duration,
    used: Duration,
}

impl Sessions {
    fn entries(&self) -> MutexGuard<'_, HashMap<i32, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `session`, whose requests name topics by id or not, unless there are `sessions_max` already.
    /// Returns its id, or `None` when there is no room for it.
    pub(super) fn open(
        &self,
        session: Session,
        by_id: bool,
        now: Duration,
        random: &dyn Random,
        sessions_max: usize,
    ) -> Option<(i32, Shared)> {
        let mut entries = self.entries();
        make_room(&mut entries, sessions_max, session.len(), now)?;
        let id = unused_id(&entries, random);
        let partitions = session.len();
        let session = Arc::new(Mutex::new(session));
        let entry = Entry {
            session: Arc::clone(&session),
            by_id,
            epoch: EPOCH_FIRST,
            partitions,
            opened: now,
            used: now,
        };
        entries.insert(id, entry);
        Some((id, session))
    }

    /// Forgets session `id`.
    pub(super) fn close(&self, id: i32) {
        self.entries().remove(&id);
    }

    /// Changes a session as its next request says. A session without partitions ends; so does one that
    /// grows beyond what all may hold, whose client then asks without it.
    pub(super) fn resume(&self, changes: Changes, now: Duration) -> Result<Shared, ResponseError> {
        let mut entries = self.entries();
        let id = changes.session_id;
        let entry = entries.get_mut(&id).ok_or(ResponseError::FetchSessionIdNotFound)?;
        if entry.by_id != changes.by_id {
            return Err(ResponseError::FetchSessionTopicIdError);
        }
        if entry.epoch != changes.epoch {
            return Err(ResponseError::InvalidFetchSessionEpoch);
        }
        entry.epoch = entry.epoch.checked_add(1).unwrap_or(EPOCH_FIRST);
        entry.used = now;
        let shared = Arc::clone(&entry.session);
        let mut session = lock(&shared);
        for (key, wanted) in changes.set {
            session.set(key, wanted);
        }
        for key in &changes.forgotten {
            session.forget(key);
        }
        let partitions = session.len();
        drop(session);
        let grown = partitions > entry.partitions;
        entry.partitions = partitions;
        if partitions == 0 {
            entries.remove(&id);
        }
        if grown && held(&entries) > PARTITIONS_MAX {
            entries.remove(&id);
            return Err(ResponseError::FetchSessionIdNotFound);
        }
        Ok(shared)
    }
}

/// The session behind `shared`.
pub(super) fn lock(shared: &Shared) -> MutexGuard<'_, Session> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Partitions of all sessions.
fn held(entries: &HashMap<i32, Entry>) -> usize {
    entries.values().map(|entry| entry.partitions).sum()
}

/// Lets one session go if a new one with `partitions` partitions needs its place. `None` when there is
/// no room.
fn make_room(
    entries: &mut HashMap<i32, Entry>,
    sessions_max: usize,
    partitions: usize,
    now: Duration,
) -> Option<()> {
    let held = held(entries);
    let is_free = |sessions: usize, held: usize| {
        sessions < sessions_max && held + partitions <= PARTITIONS_MAX
    };
    if is_free(entries.len(), held) {
        return Some(());
    }
    let is_idle = |entry: &Entry| now.saturating_sub(entry.used) >= SAFE_TIME;
    let is_smaller = |entry: &Entry| {
        now.saturating_sub(entry.opened) >= SAFE_TIME && entry.partitions < partitions
    };
    let idle = entries.iter().filter(|(_, entry)| is_idle(entry));
    let smaller = entries.iter().filter(|(_, entry)| is_smaller(entry));
    let victim = idle
        .min_by_key(|(_, entry)| entry.used)
        .or_else(|| smaller.min_by_key(|(_, entry)| entry.partitions))
        .map(|(id, entry)| (*id, entry.partitions));
    let (id, freed) = victim?;
    if !is_free(entries.len() - 1, held - freed) {
        return None;
    }
    entries.remove(&id);
    Some(())
}

fn unused_id(entries: &HashMap<i32, Entry>, random: &dyn Random) -> i32 {
    loop {
        // 31 bits; zero stands for no session.
        let id = (random.next_u64() >> 33) as i32;
        if id != 0 && !entries.contains_key(&id) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests;
