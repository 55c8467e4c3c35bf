//! Random actions against the model, with crashes in between.

use testkit::random::SeededRandom;
use types::seams::Random as _;

use super::model::{Model, Seen};
use super::transactions::{marker_at, produced_at, producer};
use super::*;
use crate::Outcome;

const TOPICS: [&str; 3] = ["a", "b", "c"];
/// Producers that write in transactions only.
const TRANSACTIONAL: [i64; 2] = [1, 2];
/// A producer that never does.
const IDEMPOTENT: i64 = 3;

struct Run {
    machine: Machine,
    log: EmbeddedLog,
    model: Model,
    random: SeededRandom,
}

impl Run {
    fn new(seed: u64) -> Self {
        let machine = Machine::flushing_at(3_000);
        let log = machine.open();
        Self { machine, log, model: Model::default(), random: SeededRandom::new(seed) }
    }

    fn topic(&self) -> &'static str {
        TOPICS[self.random.below(3) as usize]
    }

    fn partition(&self) -> Option<TopicPartition> {
        let topic = self.topic();
        let partitions = self.model.now().partitions(topic) as u64;
        (partitions > 0).then(|| at(topic, self.random.below(partitions) as i32))
    }

    fn commit(&mut self) {
        let mut commit = Commit::default();
        for number in 0..self.random.below(5) {
            let Some(at) = self.partition() else { continue };
            let value = "v".repeat(self.random.below(300) as usize);
            let batch = batch(START_MS, &[(&number.to_string(), Some(&value))]);
            commit.appends.push(Append { partition: at.clone(), batch });
            if self.random.one_in(3) {
                let offset = self.random.below(1_000) as i64;
                commit.positions.push(position("g", &at.topic, at.partition, offset));
            }
        }
        self.write(commit);
    }

    /// A batch of a producer, which may come a second time.
    fn produce(&mut self) {
        let Some(at) = self.partition() else { return };
        let id = [TRANSACTIONAL[0], TRANSACTIONAL[1], IDEMPOTENT][self.random.below(3) as usize];
        let sequence = self.model.now().next_sequence(&at, id);
        let append = produced_at(at, producer(id, 0), sequence, id != IDEMPOTENT);
        let commit = Commit { appends: vec![append], ..Commit::default() };
        self.write(commit.clone());
        if self.random.one_in(3) {
            let again = self.log.commit(commit).expect("committed");
            assert!(again.appended[0].is_duplicate);
        }
    }

    fn move_positions_in_a_transaction(&mut self) {
        let Some(at) = self.partition() else { return };
        let offset = self.random.below(1_000) as i64;
        let id = TRANSACTIONAL[self.random.below(2) as usize];
        self.write(Commit {
            positions: vec![position("g", &at.topic, at.partition, offset)],
            transaction: Some(producer(id, 0)),
            ..Commit::default()
        });
    }

    /// Writes the markers of a producer's transaction, in one commit or in several.
    fn end_transaction(&mut self) {
        let id = TRANSACTIONAL[self.random.below(2) as usize];
        let outcome = if self.random.one_in(2) { Outcome::Commit } else { Outcome::Abort };
        let mut open = self.model.now().open(id);
        open.push(self.log.offsets_partition("g"));
        let markers = open.into_iter().map(|at| marker_at(at, producer(id, 0), outcome));
        if self.random.one_in(2) {
            self.write(Commit { markers: markers.collect(), ..Commit::default() });
        } else {
            for marker in markers {
                self.write(Commit { markers: vec![marker], ..Commit::default() });
            }
        }
    }

    fn write(&mut self, commit: Commit) {
        self.model.commit(&commit);
        let committed = self.log.commit(commit).expect("committed");
        if self.random.one_in(3) {
            self.log.wait_durable(committed.id).expect("durable");
            self.model.acknowledge();
        }
    }

    fn change_topic(&mut self) {
        let topic = self.topic();
        match self.model.now().partitions(topic) {
            0 => {
                let config = TopicConfig {
                    segment_bytes_max: 1024,
                    retention_ms: None,
                    ..TopicConfig::with_partitions(2)
                };
                self.model.create(topic, 2);
                self.log.create_topic(topic, &config).expect("created");
            }
            partitions @ 1..4 if self.random.one_in(3) => {
                self.model.grow(topic, partitions + 1);
                self.log.add_partitions(topic, partitions as i32 + 1).expect("added");
            }
            _ if self.random.one_in(4) => {
                self.model.delete(topic);
                self.log.delete_topic(topic).expect("deleted");
            }
            _ => return,
        }
        self.model.acknowledge();
    }

    /// Stops somewhere within the next operations, or right now.
    fn crash(&mut self) {
        let crash = match self.random.below(3) {
            0 => Crash::Process,
            1 => Crash::LoseUnsynced,
            _ => Crash::TearUnsynced { seed: self.random.next_u64() },
        };
        self.machine = self.machine.after(crash);
        self.log = self.machine.open();
        self.model.recover(&Seen::of(&self.log).expect("readable"));
    }

    fn step(&mut self) {
        match self.random.below(26) {
            0..8 => self.commit(),
            8..12 => self.produce(),
            12..15 => self.change_topic(),
            15 => self.log.flush().expect("flushed"),
            16 => self.log.maintain().expect("maintained"),
            17 => self.crash(),
            18..21 => self.move_positions_in_a_transaction(),
            21..24 => self.end_transaction(),
            _ => {
                self.log.sync().expect("synced");
                self.model.acknowledge();
                assert_eq!(Seen::of(&self.log).expect("readable"), self.model.now().seen());
            }
        }
        if self.random.one_in(30) {
            self.machine.clock.advance_ms(1_000);
        }
    }
}

#[test]
fn random_runs_agree_with_the_model() {
    for seed in 0..60 {
        let mut run = Run::new(seed);
        for _ in 0..150 {
            run.step();
        }
        run.crash();
    }
}
