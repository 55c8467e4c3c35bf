//! The assignor `uniform`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Partitions, Subscriber};

/// Gives every member about as many partitions as every other, as far as subscriptions allow, and
/// moves as few as it can:
/// 1. Everybody keeps what it had and still wants, but no more than a fair share when all want the
///    same.
/// 2. What is left goes, one by one, to whoever wants it and has least.
/// 3. While somebody has two more than another who wants one of them, it moves.
pub(super) fn assign(
    subscribers: &[Subscriber<'_>],
    topics: &BTreeMap<u128, i32>,
) -> Vec<Partitions> {
    let mut work = Work::new(subscribers, topics);
    work.keep();
    work.hand_out();
    work.even_out();
    work.assigned
}

struct Work<'a> {
    subscribers: &'a [Subscriber<'a>],
    topics: &'a BTreeMap<u128, i32>,
    assigned: Vec<Partitions>,
    loads: Vec<usize>,
    /// Subscribers by topic, each by what it has: the first has least.
    interested: BTreeMap<u128, BTreeSet<(usize, usize)>>,
    /// Nobody wants anything that another does not want.
    is_homogeneous: bool,
}

impl<'a> Work<'a> {
    fn new(subscribers: &'a [Subscriber<'a>], topics: &'a BTreeMap<u128, i32>) -> Self {
        let mut interested: BTreeMap<u128, BTreeSet<(usize, usize)>> = BTreeMap::new();
        for (index, subscriber) in subscribers.iter().enumerate() {
            for topic in &subscriber.topics {
                interested.entry(*topic).or_default().insert((0, index));
            }
        }
        let is_homogeneous = subscribers.windows(2).all(|pair| pair[0].topics == pair[1].topics);
        Self {
            subscribers,
            topics,
            assigned: vec![Partitions::default(); subscribers.len()],
            loads: vec![0; subscribers.len()],
            interested,
            is_homogeneous,
        }
    }

    fn add_to(&mut self, index: usize, topic: u128, partition: i32) {
        self.assigned[index].insert(topic, partition);
        self.change_load(index, self.loads[index] + 1);
    }

    fn change_load(&mut self, index: usize, load: usize) {
        let before = self.loads[index];
        self.loads[index] = load;
        for topic in &self.subscribers[index].topics {
            if let Some(interested) = self.interested.get_mut(topic) {
                interested.remove(&(before, index));
                interested.insert((load, index));
            }
        }
    }

    fn keep(&mut self) {
        let total = self.topics.values().map(|count| usize::try_from(*count).unwrap_or(0));
        let total: usize = total.sum();
        let share = total.checked_div(self.subscribers.len()).unwrap_or(0);
        // So many members may have one more than the others.
        let mut larger = total.checked_rem(self.subscribers.len()).unwrap_or(0);
        for (index, subscriber) in self.subscribers.iter().enumerate() {
            let exists = |topic: u128, partition: i32| {
                subscriber.topics.contains(&topic)
                    && self.topics.get(&topic).is_some_and(|count| partition < *count)
            };
            let valid: Vec<(u128, i32)> = subscriber
                .has
                .iter()
                .filter(|(topic, partition)| exists(*topic, *partition))
                .collect();
            let mut limit = valid.len();
            if self.is_homogeneous && limit > share {
                let is_larger = larger > 0;
                larger -= usize::from(is_larger);
                limit = share + usize::from(is_larger);
            }
            for (topic, partition) in valid.into_iter().take(limit) {
                self.add_to(index, topic, partition);
            }
        }
    }

    fn hand_out(&mut self) {
        let taken: Partitions = self.assigned.iter().flat_map(Partitions::iter).collect();
        let topics = self.topics;
        // Topics that few want first: later there would be nobody left to even things out with.
        let mut order: Vec<(usize, u128, i32)> = topics
            .iter()
            .map(|(topic, count)| {
                (self.interested.get(topic).map_or(0, BTreeSet::len), *topic, *count)
            })
            .collect();
        order.sort_unstable();
        for (_, topic, count) in order {
            for partition in (0..count).filter(|number| !taken.contains(topic, *number)) {
                let least = self.interested.get(&topic).and_then(|interested| interested.first());
                if let Some((_, index)) = least.copied() {
                    self.add_to(index, topic, partition);
                }
            }
        }
    }

    fn even_out(&mut self) {
        // Each move brings two loads closer to each other, so this ends.
        while let Some((from, to, topic, partition)) = self.unfair() {
            self.assigned[from] =
                self.assigned[from].without(&Partitions::from_iter([(topic, partition)]));
            self.change_load(from, self.loads[from] - 1);
            self.add_to(to, topic, partition);
        }
    }

    /// A partition that somebody has too much and another would like more.
    fn unfair(&self) -> Option<(usize, usize, u128, i32)> {
        for (index, assigned) in self.assigned.iter().enumerate() {
            for (topic, partitions) in assigned.by_topic() {
                let (least, to) = self.interested.get(&topic)?.first().copied()?;
                if self.loads[index] > least + 1
                    && let Some(partition) = partitions.first()
                {
                    return Some((index, to, topic, *partition));
                }
            }
        }
        None
    }
}
