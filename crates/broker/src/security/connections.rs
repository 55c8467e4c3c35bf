//! How many connections there may be, and how fast new ones may come.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::settings::ConnectionLimits;
use crate::Broker;

/// Open connections.
#[derive(Debug)]
pub(super) struct Connections {
    /// One permit for each connection that may still be opened.
    free: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that may be served; it counts until this is dropped.
#[derive(Debug)]
pub struct Admission {
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    peer: IpAddr,
    _permit: OwnedSemaphorePermit,
}

/// A connection that must be closed unserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// How long to wait before closing it, so that a client that comes too often is slowed down.
    pub close_after: Duration,
    /// Why, for the log.
    pub reason: String,
}

impl Connections {
    pub(super) fn new(limits: &ConnectionLimits) -> Self {
        let free = Arc::new(Semaphore::new(limits.all_max.min(Semaphore::MAX_PERMITS)));
        Self { free, by_address: Arc::default() }
    }
}

impl Broker {
    /// Asks whether the connection of a client at `peer` may be served. Waits while there are
    /// `max.connections` of them.
    ///
    /// # Errors
    /// When the address has too many of them or opens them too fast.
    pub async fn admit(&self, peer: IpAddr) -> Result<Admission, Turned> {
        let peer = peer.to_canonical();
        let (limits, connections) =
            (&self.security.settings.connections, &self.security.connections);
        let permit = Arc::clone(&connections.free).acquire_owned().await;
        let permit = permit.expect("nobody closes the semaphore");
        let close_after = self.security.connected(peer);
        if !close_after.is_zero() {
            let reason = format!("{peer} opens connections faster than its quota");
            return Err(Turned { close_after, reason });
        }
        let max = limits.overrides.get(&peer).copied().unwrap_or_else(|| {
            let all = self.settings.number("max.connections.per.ip");
            usize::try_from(all).unwrap_or(usize::MAX)
        });
        let by_address = Arc::clone(&connections.by_address);
        let mut counts = by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&peer).copied().unwrap_or(0);
        if count >= max {
            let reason = format!("Too many connections from {peer} (maximum = {max})");
            return Err(Turned { close_after: Duration::ZERO, reason });
        }
        counts.insert(peer, count + 1);
        drop(counts);
        Ok(Admission { by_address, peer, _permit: permit })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut counts = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}
