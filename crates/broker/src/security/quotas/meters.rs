//! Measures clients that have quotas and tells how long those over theirs must wait.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use types::seams::Clock;

use super::bucket::{BURST_SECONDS, Bucket};
use super::entity::Kind;
use super::hold_back::now_ms;
use super::table::Applying;
use crate::context::RequestContext;
use crate::security::Security;

/// The most meters. Clients choose their ids, so whoever finds no room is measured with others like it.
const METERS_MAX: usize = 10_000;
/// Pause between two searches for meters that have nothing to tell.
const SEARCH_PAUSE_MS: u64 = 1000;
/// The longest wait for taking too much of the threads' time.
const REQUEST_THROTTLE_MS_MAX: i32 = 1000;

/// Who is measured in what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Measured {
    kind: Kind,
    /// The user, or the address.
    user: String,
    client: String,
}

/// What is used of a quota.
#[derive(Clone, Copy, Debug)]
enum Spending {
    /// It has been used, and what was too much is paid for by waiting.
    Done(f64),
    /// It is used only if it is not too much.
    Wanted(f64),
}

/// A meter for each client that has quotas.
#[derive(Debug)]
pub(crate) struct Meters {
    clock: Arc<dyn Clock>,
    /// One bit for each kind that is limited at all: mostly none, and then nothing is measured.
    kinds: AtomicU8,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    by_measured: HashMap<Measured, Bucket>,
    searched_ms: u64,
}

impl Buckets {
    /// Whether there is a bucket for `measured`, or room for one.
    fn has_room(&mut self, measured: &Measured, now_ms: u64) -> bool {
        let is_full = self.by_measured.len() >= METERS_MAX;
        if is_full && now_ms.saturating_sub(self.searched_ms) >= SEARCH_PAUSE_MS {
            self.searched_ms = now_ms;
            self.by_measured.retain(|_, bucket| !bucket.is_full(now_ms));
        }
        self.by_measured.len() < METERS_MAX || self.by_measured.contains_key(measured)
    }
}

impl Meters {
    /// Meters for what is limited.
    pub(crate) fn new(clock: Arc<dyn Clock>, kinds: BTreeSet<Kind>) -> Self {
        Self { clock, kinds: AtomicU8::new(bits(kinds)), buckets: Mutex::default() }
    }

    /// From now on only `kinds` are limited.
    pub(crate) fn measure_only(&self, kinds: BTreeSet<Kind>) {
        self.kinds.store(bits(kinds), Ordering::Relaxed);
    }

    fn measures(&self, kind: Kind) -> bool {
        self.kinds.load(Ordering::Relaxed) & bit(kind) != 0
    }

    fn take(&self, mut measured: Measured, spending: Spending, limit: f64) -> i32 {
        let now_ms = now_ms(self.clock.as_ref());
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.has_room(&measured, now_ms) {
            measured = Measured { user: String::new(), client: String::new(), ..measured };
        }
        let bucket = buckets.by_measured.entry(measured);
        let bucket = bucket.or_insert_with(|| Bucket::full(limit, now_ms));
        match spending {
            Spending::Done(amount) => bucket.take(amount, limit, now_ms),
            Spending::Wanted(amount) => bucket.take_if_there(amount, limit, now_ms),
        }
    }
}

impl Security {
    /// The client of `context` has produced `bytes`; returns the `throttle_time_ms` to answer. Its next
    /// request waits by itself.
    pub(crate) fn produced(&self, context: &RequestContext, bytes: usize) -> i32 {
        self.used(context, Kind::ProducerByteRate, Spending::Done(bytes as f64), i32::MAX)
    }

    /// The client of `context` is to be given `bytes` of records. Returns 0 when it may have them, else
    /// the `throttle_time_ms` to answer instead of them. Its next request waits by itself.
    pub(crate) fn fetched(&self, context: &RequestContext, bytes: usize) -> i32 {
        self.used(context, Kind::ConsumerByteRate, Spending::Wanted(bytes as f64), i32::MAX)
    }

    /// The most records that the client of `context` can be given at once, in bytes.
    pub(crate) fn fetch_bytes_max(&self, context: &RequestContext) -> usize {
        let quota = self.quota(context, Kind::ConsumerByteRate);
        quota.map_or(usize::MAX, |quota| (quota.limit * BURST_SECONDS) as usize)
    }

    /// The client of `context` creates or deletes so many partitions. Its next request waits by itself.
    pub(crate) fn mutated(&self, context: &RequestContext, partitions: i32) {
        let partitions = Spending::Done(f64::from(partitions));
        self.used(context, Kind::ControllerMutationRate, partitions, i32::MAX);
    }

    /// How long the next request of the client of `context` waits: the `throttle_time_ms` to answer.
    pub(crate) fn held_back_ms(&self, context: &RequestContext) -> i32 {
        context.session.hold_back.left_ms(self.quotas.clock.as_ref())
    }

    /// Whether requests must be timed.
    pub(crate) fn times_requests(&self) -> bool {
        self.quotas.measures(Kind::RequestPercentage)
    }

    /// A request has kept a thread busy for `time`. Its next one waits if that was too much.
    pub(crate) fn worked(&self, context: &RequestContext, time: Duration) {
        let percent_seconds = Spending::Done(time.as_secs_f64() * 100.0);
        self.used(context, Kind::RequestPercentage, percent_seconds, REQUEST_THROTTLE_MS_MAX);
    }

    /// A client has connected from `address`; returns for how long it must wait.
    pub(crate) fn connected(&self, address: IpAddr) -> Duration {
        let kind = Kind::ConnectionCreationRate;
        if !self.quotas.measures(kind) {
            return Duration::ZERO;
        }
        let limit = self.knowledge().quotas.find_address(kind, address);
        let Some(limit) = limit else { return Duration::ZERO };
        let measured = Measured { kind, user: address.to_string(), client: String::new() };
        let throttle_ms = self.quotas.take(measured, Spending::Done(1.0), limit);
        Duration::from_millis(u64::try_from(throttle_ms).unwrap_or(0))
    }

    fn quota(&self, context: &RequestContext, kind: Kind) -> Option<Applying> {
        if !self.quotas.measures(kind) {
            return None;
        }
        let user = context.session.authentication.user();
        let client = context.client_id.as_deref().unwrap_or_default();
        self.knowledge().quotas.find(kind, user, client)
    }

    fn used(
        &self,
        context: &RequestContext,
        kind: Kind,
        spending: Spending,
        throttle_ms_max: i32,
    ) -> i32 {
        let Some(quota) = self.quota(context, kind) else { return 0 };
        let user = context.session.authentication.user();
        let client = context.client_id.as_deref().unwrap_or_default();
        let measured = Measured {
            kind,
            user: if quota.by_user { user.to_owned() } else { String::new() },
            client: if quota.by_client { client.to_owned() } else { String::new() },
        };
        let throttle_ms = self.quotas.take(measured, spending, quota.limit).min(throttle_ms_max);
        if throttle_ms > 0 {
            context.session.hold_back.extend(self.quotas.clock.as_ref(), throttle_ms);
        }
        throttle_ms
    }
}

fn bits(kinds: BTreeSet<Kind>) -> u8 {
    kinds.into_iter().fold(0, |bits, kind| bits | bit(kind))
}

fn bit(kind: Kind) -> u8 {
    1 << kind as u8
}
