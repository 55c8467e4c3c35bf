//! The list of groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commitlog::{EmbeddedLog, Log as _};
use kafka_protocol::ResponseError;
use tokio::time::Instant;

use super::deadlines::Deadlines;
use super::entry::{Entry, Kind};
use super::storage::{self, Image, Kept};
use super::topics::Catalog;
use super::{Now, classic, consumer, settings};
use crate::config::Settings;
use crate::replay::{self, Replay};
use crate::{Broker, Result};

/// Groups that are kept at most.
const GROUPS_MAX: usize = 1_000_000;

/// A group that several requests may hold.
type Shared = Arc<Mutex<Entry>>;

/// What becomes of a request for a group that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The group begins with it.
    Create,
    /// It fails.
    Refuse,
}

/// Every group.
#[derive(Debug)]
pub(crate) struct Coordinator {
    pub(super) deadlines: Deadlines,
    pub(super) catalog: Catalog,
    groups: Mutex<BTreeMap<Arc<str>, Shared>>,
}

impl Coordinator {
    /// Takes up the groups that `log` knows. Sessions of their members begin anew.
    ///
    /// # Errors
    /// `Log` when they cannot be read.
    pub(crate) fn open(log: &Arc<EmbeddedLog>, settings: &Settings) -> Result<Self> {
        let coordinator = Self {
            deadlines: Deadlines::default(),
            catalog: Catalog::default(),
            groups: Mutex::default(),
        };
        // The wall clock matters only to groups that change.
        let now = Now { at: Instant::now(), wall_ms: 0 };
        let replay = Replay { log, skips: settings.flag(replay::SKIP) };
        for (name, image) in storage::load(&replay)? {
            let Some(kept) = storage::interpret(&image) else {
                tracing::error!(group = %name, "the records of a group cannot be read; it is empty");
                continue;
            };
            coordinator.take_up(settings, name, kept, image, now);
        }
        Ok(coordinator)
    }

    fn take_up(&self, settings: &Settings, name: Arc<str>, kept: Kept, image: Image, now: Now) {
        let kind = match kept {
            Kept::Classic(kept) => Kind::Classic(classic::Group::restore(
                kept,
                settings::classic_limits(settings),
                now,
            )),
            Kept::Consumer(kept) => Kind::Consumer(consumer::Group::restore(
                kept,
                settings::consumer_limits(settings, &name),
                now,
            )),
        };
        let mut entry = Entry::new(Arc::clone(&name), kind, image);
        self.schedule(&mut entry);
        self.groups().insert(name, Arc::new(Mutex::new(entry)));
    }

    fn groups(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Shared>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names of all groups that have, or had, members or offsets of their own.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.groups().keys().cloned().collect()
    }

    pub(super) fn schedule(&self, entry: &mut Entry) {
        if let Some(at) = entry.earlier_deadline() {
            self.deadlines.add(at, Arc::clone(&entry.name));
        }
    }

    fn find(
        &self,
        broker: &Broker,
        name: &str,
        unknown: Unknown,
        now: Now,
    ) -> std::result::Result<Shared, ResponseError> {
        if let Some(known) = self.groups().get(name) {
            return Ok(Arc::clone(known));
        }
        // Whoever commits positions without a coordinator (queries, connectors) is a group as well.
        if unknown == Unknown::Refuse && broker.log.positions(name).is_empty() {
            return Err(ResponseError::GroupIdNotFound);
        }
        let mut groups = self.groups();
        if groups.len() >= GROUPS_MAX {
            tracing::warn!(group = name, groups_max = GROUPS_MAX, "too many groups");
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        let name: Arc<str> = name.into();
        let created = groups.entry(Arc::clone(&name)).or_insert_with(|| {
            let kind =
                Kind::Classic(classic::Group::new(settings::classic_limits(&broker.settings), now));
            Arc::new(Mutex::new(Entry::new(name, kind, Image::new())))
        });
        Ok(Arc::clone(created))
    }
}

/// Lets `work` see and change the group called `name`, alone. It may write to the log, so this
/// belongs where the disk may be waited for.
///
/// # Errors
/// `GroupIdNotFound`.
pub(super) fn with_group<R>(
    broker: &Broker,
    name: &str,
    unknown: Unknown,
    work: impl FnOnce(&mut Entry, Now) -> R,
) -> std::result::Result<R, ResponseError> {
    let coordinator = &broker.groups;
    loop {
        let now = Now::of(broker);
        let shared = coordinator.find(broker, name, unknown, now)?;
        let mut entry = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if entry.is_removed {
            continue;
        }
        let result = work(&mut entry, now);
        if entry.is_removed {
            coordinator.groups().remove(name);
        } else {
            coordinator.schedule(&mut entry);
        }
        return Ok(result);
    }
}
