//! The topics of the log, as groups see them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commitlog::{EmbeddedLog, Log as _};
use tokio::time::Instant;

use super::consumer::{Topic, Topics};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// How long names of topics are taken for what they were: so groups whose members subscribe by
/// patterns look at all topics at most so often, however many heartbeats there are.
const PAUSE: Duration = Duration::from_secs(1);

/// The names of all topics as they were a moment ago.
#[derive(Debug, Default)]
pub(super) struct Catalog(Mutex<Listing>);

#[derive(Clone, Debug, Default)]
struct Listing {
    names: Arc<[Arc<str>]>,
    /// Grows whenever the names change.
    version: u64,
    looked_at: Option<Instant>,
}

impl Catalog {
    fn listing(&self, log: &EmbeddedLog) -> Listing {
        let now = Instant::now();
        let mut listing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if listing.looked_at.is_none_or(|looked_at| looked_at + PAUSE <= now) {
            listing.looked_at = Some(now);
            let names: Arc<[Arc<str>]> = log.topics().into_iter().map(|topic| topic.name).collect();
            if names != listing.names {
                listing.names = names;
                listing.version += 1;
            }
        }
        listing.clone()
    }
}

/// All topics.
pub(super) struct AllTopics<'a>(pub(super) &'a Broker);

impl Topics for AllTopics<'_> {
    fn find(&self, name: &str) -> Option<Topic> {
        let topic = self.0.log.topic(name)?;
        Some(Topic { id: topic.id, partitions: topic.config.partitions })
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.0.groups.catalog.listing(&self.0.log).names.to_vec()
    }

    fn version(&self) -> u64 {
        self.0.groups.catalog.listing(&self.0.log).version
    }

    fn name(&self, id: u128) -> Option<Arc<str>> {
        self.0.log.topic_by_id(id).map(|topic| topic.name)
    }
}

/// The topics that a client may know of. Those it names itself were checked before.
pub(super) struct VisibleTopics<'a> {
    pub(super) broker: &'a Broker,
    pub(super) context: &'a RequestContext,
}

impl Topics for VisibleTopics<'_> {
    fn find(&self, name: &str) -> Option<Topic> {
        AllTopics(self.broker).find(name)
    }

    fn names(&self) -> Vec<Arc<str>> {
        let may_know = |name: &Arc<str>| {
            let topic = Resource::Topic(name);
            self.broker.security.allows(self.context, Operation::Describe, topic)
        };
        AllTopics(self.broker).names().into_iter().filter(may_know).collect()
    }

    fn version(&self) -> u64 {
        AllTopics(self.broker).version()
    }

    fn name(&self, id: u128) -> Option<Arc<str>> {
        AllTopics(self.broker).name(id)
    }
}
