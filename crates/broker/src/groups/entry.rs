//! One group with the requests that wait for it. Everything that happens to a group happens under its
//! entry's lock, commits of offsets included: so no offset of a member arrives in the log after the
//! group has gone on without it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use commitlog::{Append, Commit, Log as _};
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::classic::{self, Effect, JoinAnswer, SyncAnswer, Ticket};
use super::storage::{self, Image};
use super::{Now, consumer, refusal};
use crate::Broker;

/// A group by the protocol its members speak.
#[derive(Debug)]
pub(super) enum Kind {
    /// The classic protocol, or nobody has spoken yet.
    Classic(classic::Group),
    /// The consumer protocol (KIP-848).
    Consumer(consumer::Group),
}

impl Kind {
    /// When it has something to do next.
    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Classic(group) => group.deadline(),
            Self::Consumer(group) => group.deadline(),
        }
    }

    fn image(&self, name: &str) -> Image {
        match self {
            Self::Classic(group) => storage::image_of_classic(name, &group.snapshot()),
            Self::Consumer(group) => storage::image_of_consumer(name, &group.snapshot()),
        }
    }

    /// Whether it has neither members nor somebody about to become one.
    pub(super) fn is_unused(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_unused(),
            Self::Consumer(group) => group.state() == consumer::State::Empty,
        }
    }
}

/// A request that waits.
#[derive(Debug)]
pub(super) enum Waiter {
    Join(oneshot::Sender<JoinAnswer>),
    Sync(oneshot::Sender<SyncAnswer>),
}

/// One group.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    /// What the log holds of it.
    pub(super) held: Image,
    /// The deadline the group is entered with, see [`super::deadlines`].
    pub(super) scheduled: Option<Instant>,
    /// Set when the group was taken off the list: whoever still holds it has to look again.
    pub(super) is_removed: bool,
    waiting: HashMap<Ticket, Waiter>,
    tickets: u64,
}

impl Entry {
    /// A group of which the log holds `held`.
    pub(super) fn new(name: Arc<str>, kind: Kind, held: Image) -> Self {
        Self {
            name,
            kind,
            held,
            scheduled: None,
            is_removed: false,
            waiting: HashMap::new(),
            tickets: 0,
        }
    }

    /// The group, if it is a classic one.
    pub(super) fn classic(&mut self) -> Option<&mut classic::Group> {
        match &mut self.kind {
            Kind::Classic(group) => Some(group),
            Kind::Consumer(_) => None,
        }
    }

    /// The group, if it is one of the consumer protocol.
    pub(super) fn consumer(&mut self) -> Option<&mut consumer::Group> {
        match &mut self.kind {
            Kind::Consumer(group) => Some(group),
            Kind::Classic(_) => None,
        }
    }

    /// A request waits from now on, under this number.
    pub(super) fn wait(&mut self, waiter: Waiter) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.waiting.insert(ticket, waiter);
        ticket
    }

    /// Does what a state machine wants done, and what comes of that.
    pub(super) fn apply(&mut self, broker: &Broker, effects: Vec<Effect>, now: Now) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Joined(ticket, answer) => self.answer_join(ticket, answer),
                Effect::Synced(ticket, answer) => self.answer_sync(ticket, answer),
                Effect::Store => {
                    let stored = self.store(broker, now);
                    let further = self.classic().map(|group| group.stored(stored, now));
                    effects.extend(further.into_iter().flatten());
                }
            }
        }
    }

    // A waiter that is gone has lost its connection; nobody wants the answer.
    fn answer_join(&mut self, ticket: Ticket, answer: JoinAnswer) {
        if let Some(Waiter::Join(sender)) = self.waiting.remove(&ticket) {
            drop(sender.send(answer));
        }
    }

    fn answer_sync(&mut self, ticket: Ticket, answer: SyncAnswer) {
        if let Some(Waiter::Sync(sender)) = self.waiting.remove(&ticket) {
            drop(sender.send(answer));
        }
    }

    /// What has to be written so that the log holds the group as it is now, and the image it holds
    /// then.
    pub(super) fn unwritten(&self, broker: &Broker, now: Now) -> (Vec<Append>, Image) {
        let image = self.kind.image(&self.name);
        let batch = storage::changes(&self.held, &image, now.wall_ms);
        let partition = broker.log.offsets_partition(&self.name);
        (batch.map(|batch| Append { partition, batch }).into_iter().collect(), image)
    }

    /// Writes the group to the log, without waiting for stable storage: whoever tells a member of it
    /// waits.
    pub(super) fn store(&mut self, broker: &Broker, now: Now) -> Result<(), ResponseError> {
        let (appends, image) = self.unwritten(broker, now);
        if !appends.is_empty() {
            let commit = Commit { appends, ..Commit::default() };
            broker.log.commit(commit).map_err(|error| refusal(&self.name, &error))?;
            self.held = image;
        }
        Ok(())
    }

    /// Makes the log hold nothing of the group any more.
    pub(super) fn erase(&mut self, broker: &Broker, now: Now) -> commitlog::Result<()> {
        let partition = broker.log.offsets_partition(&self.name);
        if let Some(batch) = storage::changes(&self.held, &Image::new(), now.wall_ms) {
            let appends = vec![Append { partition, batch }];
            broker.log.commit(Commit { appends, ..Commit::default() })?;
            self.held.clear();
        }
        Ok(())
    }

    /// A deadline that the group has to be entered with because it is earlier than that it is entered
    /// with.
    pub(super) fn earlier_deadline(&mut self) -> Option<Instant> {
        let deadline = self.kind.deadline()?;
        if self.scheduled.is_some_and(|scheduled| scheduled <= deadline) {
            return None;
        }
        self.scheduled = Some(deadline);
        Some(deadline)
    }
}
