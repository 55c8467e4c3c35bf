//! Random actions against the model, with crashes in between.

use testkit::random::SeededRandom;

use super::model::{Contents, Model};
use super::*;

const TOPICS: [&str; 3] = ["a", "b", "c"];

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

    fn commit(&mut self) {
        let mut commit = Commit::default();
        for number in 0..self.random.below(5) {
            let topic = self.topic();
            let partitions = self.model.now().partitions(topic) as u64;
            if partitions == 0 {
                continue;
            }
            let partition = self.random.below(partitions) as i32;
            let value = "v".repeat(self.random.below(300) as usize);
            commit.appends.push(append(topic, partition, &number.to_string(), &value));
            if self.random.one_in(3) {
                let offset = self.random.below(1_000) as i64;
                commit.positions.push(position("g", topic, partition, offset));
            }
        }
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
            _ => Crash::TearUnsynced { seed: self.random.next() },
        };
        self.machine = self.machine.after(crash);
        self.log = self.machine.open();
        self.model.recover(&Contents::of(&self.log).expect("readable"));
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..12 => self.commit(),
            12..15 => self.change_topic(),
            15 => self.log.flush().expect("flushed"),
            16 => self.log.maintain().expect("maintained"),
            17 => self.crash(),
            _ => {
                self.log.sync().expect("synced");
                self.model.acknowledge();
                assert_eq!(Contents::of(&self.log).expect("readable"), *self.model.now());
            }
        }
        if self.random.one_in(30) {
            self.machine.clock.advance_ms(1_000);
        }
    }
}

trait Next {
    fn next(&self) -> u64;
}

impl Next for SeededRandom {
    fn next(&self) -> u64 {
        types::seams::Random::next_u64(self)
    }
}

#[test]
fn random_runs_agree_with_the_model() {
    for seed in 0..60 {
        let mut run = Run::new(seed);
        for _ in 0..120 {
            run.step();
        }
        run.crash();
    }
}
