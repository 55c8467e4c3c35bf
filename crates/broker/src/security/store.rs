//! Everything the broker knows about security, and the one way to change it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use commitlog::{CommitId, EmbeddedLog};
use types::seams::Clock;

use super::change::Change;
use super::connections::Connections;
use super::journal::Journal;
use super::knowledge::Knowledge;
use super::quotas::Meters;
use super::settings::Settings;
use crate::on_disk::on_disk;
use crate::{Broker, Config, Result};

/// Credentials, ACLs and quotas.
pub(crate) struct Security {
    pub(super) settings: Settings,
    pub(super) quotas: Meters,
    pub(super) connections: Connections,
    knowledge: RwLock<Knowledge>,
    /// Locked from looking at what is known until it has changed, so that changes see each other.
    journal: Mutex<Journal>,
}

impl Security {
    /// Takes up credentials, ACLs and quotas as `log` has them, and gives the first users theirs.
    ///
    /// # Errors
    /// `Configuration` when a property is wrong; `Log` or `SecurityRecord` when what is stored
    /// cannot be read.
    pub(crate) fn open(
        log: &Arc<EmbeddedLog>,
        clock: &Arc<dyn Clock>,
        config: &Config,
    ) -> Result<Self> {
        let settings = Settings::read(&config.properties)?;
        let journal = Journal::of(Arc::clone(log), Arc::clone(clock));
        let mut knowledge = Knowledge::default();
        journal.replay(|change| knowledge.apply(change))?;
        let security = Self {
            quotas: Meters::new(Arc::clone(clock), knowledge.quotas.kinds()),
            connections: Connections::new(&settings.connections),
            knowledge: RwLock::new(knowledge),
            journal: Mutex::new(journal),
            settings,
        };
        security.give_first_credentials()?;
        Ok(security)
    }

    /// What is known now. Not to be held across an await.
    pub(crate) fn knowledge(&self) -> RwLockReadGuard<'_, Knowledge> {
        self.knowledge.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known to what `plan` makes of it; returns what else `plan` has to say and what
    /// to wait for, if anything changed. Waits for the disk.
    ///
    /// # Errors
    /// `Log` when it refuses; nothing has changed then.
    fn change<T>(
        &self,
        plan: impl FnOnce(&Knowledge) -> (Vec<Change>, T),
    ) -> Result<(T, Option<CommitId>)> {
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let (changes, outcome) = plan(&self.knowledge());
        if changes.is_empty() {
            return Ok((outcome, None));
        }
        let commit = journal.append(&changes)?;
        let mut knowledge = self.knowledge.write().unwrap_or_else(PoisonError::into_inner);
        changes.into_iter().for_each(|change| knowledge.apply(change));
        self.quotas.measure_only(knowledge.quotas.kinds());
        Ok((outcome, Some(commit)))
    }

    /// Users of the configuration who have no credential of the kind yet get one.
    fn give_first_credentials(&self) -> Result<()> {
        self.change(|knowledge| {
            let users = self.settings.first_users.iter();
            let missing =
                users.filter(|user| knowledge.credential(&user.name, user.hash).is_none());
            let changes = missing.map(|user| Change::Credential {
                user: user.name.clone(),
                hash: user.hash,
                credential: Some(user.credential()),
            });
            (changes.collect(), ())
        })?;
        Ok(())
    }
}

/// Changes what is known as [`Security::change`] does and returns when it is on stable storage.
///
/// # Errors
/// `Log` when it refuses, or never gets it to stable storage.
pub(super) async fn change<T>(
    broker: &Broker,
    plan: impl FnOnce(&Knowledge) -> (Vec<Change>, T),
) -> Result<T> {
    let (outcome, commit) = on_disk(|| broker.security.change(plan))?;
    if let Some(commit) = commit {
        broker.durability.wait(commit).await?;
    }
    Ok(outcome)
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security").field("settings", &self.settings).finish_non_exhaustive()
    }
}
