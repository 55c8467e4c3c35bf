//! Who is to get which partitions. Pure functions of subscriptions and topics.

mod range;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};

use super::Partitions;

/// A member as assignors see it.
#[derive(Clone, Debug)]
pub(super) struct Subscriber<'a> {
    pub(super) id: &'a str,
    pub(super) instance_id: Option<&'a str>,
    /// The topics it wants, of those that exist.
    pub(super) topics: BTreeSet<u128>,
    /// What the last target gave it.
    pub(super) has: &'a Partitions,
}

/// The ways of assigning that the coordinator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assignor {
    /// Everybody gets as many partitions as everybody else, and keeps what it can.
    Uniform,
    /// Each topic is cut into ranges, so that equal partitions of topics meet at one member.
    Range,
}

impl Assignor {
    /// Its name in requests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// The assignor called `name`, if the coordinator knows it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Uniform, Self::Range].into_iter().find(|assignor| assignor.name() == name)
    }

    /// What each of `subscribers` is to get, in their order. `topics` are numbers of partitions by
    /// topic id.
    pub(super) fn assign(
        self,
        subscribers: &[Subscriber<'_>],
        topics: &BTreeMap<u128, i32>,
    ) -> Vec<Partitions> {
        match self {
            Self::Uniform => uniform::assign(subscribers, topics),
            Self::Range => range::assign(subscribers, topics),
        }
    }
}
