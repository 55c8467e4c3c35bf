//! The broker under test and what can happen to it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use commitlog::TopicConfig;
use testkit::disk::Crash;
use testkit::random::SeededRandom;
use tokio::task::AbortHandle;

use super::link::Link;
use crate::Config;
use crate::tests::harness::Harness;

/// Topic of the producers without transactions.
pub(super) const PLAIN: &str = "plain";
/// Topic of the transactions.
pub(super) const ATOMIC: &str = "atomic";
/// Partitions of each of them.
pub(super) const PARTITIONS: i32 = 2;

/// The broker, its disk and its network.
pub(super) struct World {
    harness: Mutex<Harness>,
    connections: Mutex<Vec<AbortHandle>>,
    healed: AtomicBool,
    links: AtomicU64,
    seed: u64,
}

impl World {
    /// A broker with the topics on an empty disk.
    ///
    /// # Errors
    /// When a topic cannot be created.
    pub(super) fn new(seed: u64) -> Result<Self, String> {
        let properties = [("group.initial.rebalance.delay.ms".to_owned(), "0".to_owned())];
        let config = Config { properties: properties.into(), ..Config::default() };
        let harness = Harness::with_config(config);
        for topic in [PLAIN, ATOMIC] {
            let config = TopicConfig::with_partitions(PARTITIONS);
            let created = harness.create_topic(topic, &config);
            created.map_err(|error| error.to_string())?;
        }
        Ok(Self {
            harness: Mutex::new(harness),
            connections: Mutex::default(),
            healed: AtomicBool::new(false),
            links: AtomicU64::new(0),
            seed,
        })
    }

    fn harness(&self) -> MutexGuard<'_, Harness> {
        self.harness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, with randomness of its own for how slow it is.
    pub(super) fn connect(&self) -> Link {
        let client = self.harness().client();
        let mut connections = self.connections();
        connections.retain(|connection| !connection.is_finished());
        connections.push(client.connection.abort_handle());
        let number = self.links.fetch_add(1, Ordering::Relaxed);
        Link::new(client, SeededRandom::new(self.seed.wrapping_mul(31).wrapping_add(number)))
    }

    /// Whether no more faults happen.
    pub(super) fn is_healed(&self) -> bool {
        self.healed.load(Ordering::Relaxed)
    }

    /// Ends all faults; the broker starts once more, on a disk that works.
    pub(super) fn heal(&self) {
        self.healed.store(true, Ordering::Relaxed);
        self.disk_full(false);
        self.crash(Crash::Process);
    }

    /// Breaks one connection out of all.
    pub(super) fn cut(&self, random: &SeededRandom) {
        let connections = self.connections();
        if let Some(connection) = connections.get(random.below(connections.len() as u64) as usize) {
            connection.abort();
        }
    }

    /// Ends the process or the machine, and starts the broker again.
    pub(super) fn crash(&self, crash: Crash) {
        self.connections().drain(..).for_each(|connection| connection.abort());
        self.harness().crash(crash);
    }

    /// Lets the disk have no more room, or as much as it wants.
    pub(super) fn disk_full(&self, is_full: bool) {
        let harness = self.harness();
        let used = harness.disk.used();
        harness.disk.set_capacity(is_full.then_some(used));
    }

    /// Lets the next sync fail, after which the log takes nothing more.
    pub(super) fn fail_sync(&self) {
        self.harness().disk.fail_syncs(1);
    }

    /// Moves the wall clock by `ms`, as an administrator or a time server might.
    pub(super) fn jump_clock(&self, ms: i64) {
        self.harness().jump_clock(ms);
    }

    /// How long syncs take from now on.
    pub(super) fn slow_syncs(&self, time_ms: u64) {
        self.harness().slow_syncs(time_ms);
    }
}
