//! The same tasks as in the runtime, on the caller's thread, over a log in memory and a virtual clock:
//! for tests that need every step in their hands.

mod virtual_world;

use std::sync::Arc;

use commitlog::{Append, Commit, MemoryLog, TopicConfig, Visibility};
use formats::SchemaStore;
use records::{Batches, Builder, Compression, Header};
use state::MemoryBackend;
use types::seams::Clock;
use types::{QueryId, TopicPartition};

use crate::running::{self, PreparedQuery};
use crate::shares::Shares;
use crate::task::{Step, Task};
use crate::{
    CountingLog, Error, PullRequest, QueryMetrics, QuerySpec, Result, Rows, Services, materialized,
};

pub use virtual_world::VirtualClock;
use virtual_world::VirtualRandom;

/// Runs queries step by step.
#[derive(Debug)]
pub struct TestDriver {
    services: Services,
    clock: Arc<VirtualClock>,
    problems: Arc<CountingLog>,
    shares: Shares,
    queries: Vec<Driven>,
}

#[derive(Debug)]
struct Driven {
    query: PreparedQuery,
    /// Open tasks; empty after a restart until the next run.
    tasks: Vec<Task>,
}

/// A record as tests write and read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestRecord {
    /// Partition.
    pub partition: i32,
    /// Timestamp.
    pub timestamp_ms: i64,
    /// Key payload.
    pub key: Option<Vec<u8>>,
    /// Value payload.
    pub value: Option<Vec<u8>>,
    /// Headers in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// What a restart loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Stores are checkpointed first, as in an orderly stop.
    Orderly,
    /// Everything in memory is lost.
    Crash,
}

impl TestDriver {
    /// A driver without topics and queries; its clock stands at 0.
    pub fn new(functions: Arc<functions::Registry>, schemas: Arc<dyn SchemaStore>) -> Self {
        let clock = Arc::new(VirtualClock::default());
        let problems = Arc::new(CountingLog::default());
        let services = Services {
            log: Arc::new(MemoryLog::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            schemas,
            functions,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::new(VirtualRandom::default()),
            processing_log: Arc::clone(&problems) as Arc<dyn crate::ProcessingLog>,
            state: Arc::new(MemoryBackend::new()),
        };
        Self { services, clock, problems, shares: Shares::default(), queries: Vec::new() }
    }

    /// What the queries stand on.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The clock, to be moved by the test.
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// Counts of what was reported to the processing log.
    pub fn problems(&self) -> &CountingLog {
        &self.problems
    }

    /// Creates a topic; an existing one stays as it is.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        match self.services.log.create_topic(name, &TopicConfig::with_partitions(partitions)) {
            Ok(()) | Err(commitlog::Error::TopicExists(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds a query; its topics must exist. It runs with the next `run_*`.
    pub fn create(&mut self, spec: QuerySpec) -> Result<()> {
        if self.queries.iter().any(|driven| driven.query.id == spec.id) {
            return Err(Error::QueryExists(spec.id));
        }
        let query = running::prepare(spec, &self.services, &self.shares)?;
        self.queries.push(Driven { query, tasks: Vec::new() });
        Ok(())
    }

    /// Stops a query and removes what it leaves behind.
    pub fn delete(&mut self, id: &QueryId) -> Result<()> {
        let index = self.index(id)?;
        let driven = self.queries.remove(index);
        running::clean_up(&driven.query.plan, &self.services)
    }

    /// Appends a record.
    pub fn append(&self, topic: &str, record: &TestRecord) -> Result<()> {
        let mut builder = Builder::new(Compression::None);
        let headers: Vec<Header<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| Header { key, value: value.as_deref() })
            .collect();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append(record.timestamp_ms, key, value, &headers);
        let partition = TopicPartition::new(topic, record.partition);
        let appends = vec![Append { partition, batch: builder.build() }];
        self.services.log.commit(Commit { appends, ..Commit::default() })?;
        Ok(())
    }

    /// Appends a record and runs every query until it is fully processed.
    pub fn pipe(&mut self, topic: &str, record: &TestRecord) -> Result<()> {
        self.append(topic, record)?;
        self.run_until_idle()
    }

    /// Runs all queries until nothing is left to do.
    pub fn run_until_idle(&mut self) -> Result<()> {
        loop {
            let mut has_progressed = false;
            for index in 0..self.queries.len() {
                has_progressed |= self.run_round(index)?;
            }
            if !has_progressed {
                return Ok(());
            }
        }
    }

    /// Runs one query until nothing is left for it to do.
    pub fn run_query_until_idle(&mut self, id: &QueryId) -> Result<()> {
        let index = self.index(id)?;
        while self.run_round(index)? {}
        Ok(())
    }

    /// Restarts all queries: tasks are dropped and opened again from checkpoints and the log.
    pub fn restart(&mut self, restart: Restart) -> Result<()> {
        for driven in &mut self.queries {
            if restart == Restart::Orderly {
                driven.tasks.iter_mut().try_for_each(Task::checkpoint)?;
            }
            driven.tasks.clear();
        }
        Ok(())
    }

    /// All records of a topic, by partition and offset.
    pub fn records(&self, topic: &str) -> Result<Vec<TestRecord>> {
        let partitions = self.services.log.topic(topic).map_or(0, |found| found.config.partitions);
        let mut records = Vec::new();
        for partition in 0..partitions {
            self.read_partition(&TopicPartition::new(topic, partition), &mut records)?;
        }
        Ok(records)
    }

    /// Reads a query's materialised table, over all partitions.
    pub fn pull(&mut self, id: &QueryId, request: &PullRequest) -> Result<Vec<Rows>> {
        let index = self.index(id)?;
        self.open(index)?;
        let Driven { query, tasks } = &mut self.queries[index];
        let owner = materialized::owner(&query.plan)
            .ok_or_else(|| Error::NotMaterialized(format!("{id} has no materialized table")))?;
        let owners = tasks.iter_mut().filter(|task| task.sub_topology() == owner);
        owners.map(|task| task.pull(request, &self.services)).collect()
    }

    /// A query's counters.
    pub fn metrics(&self, id: &QueryId) -> Result<QueryMetrics> {
        Ok(self.queries[self.index(id)?].query.counters.snapshot())
    }

    fn index(&self, id: &QueryId) -> Result<usize> {
        let found = self.queries.iter().position(|driven| driven.query.id == *id);
        found.ok_or_else(|| Error::UnknownQuery(id.clone()))
    }

    fn open(&mut self, index: usize) -> Result<()> {
        let driven = &mut self.queries[index];
        if driven.tasks.is_empty() {
            let specs = driven.query.tasks.iter();
            driven.tasks = specs.map(|spec| spec.open(&self.services)).collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// Gives every task of a query one batch; whether any had something to do.
    fn run_round(&mut self, index: usize) -> Result<bool> {
        self.open(index)?;
        let mut has_progressed = false;
        let tasks = &mut self.queries[index].tasks;
        for task in tasks.iter_mut() {
            task.wake_all();
            has_progressed |= task.step()? == Step::Progressed;
        }
        Ok(has_progressed)
    }

    fn read_partition(&self, at: &TopicPartition, records: &mut Vec<TestRecord>) -> Result<()> {
        const READ_BYTES: usize = 1 << 20;
        let damaged = |error: records::Error| Error::Records {
            partition: at.clone(),
            reason: error.to_string(),
        };
        let offsets = self.services.log.offsets(at)?;
        let mut next = offsets.start;
        while next < offsets.end {
            let read = self.services.log.read(at, next, READ_BYTES, Visibility::Committed)?;
            if read.next == next {
                break;
            }
            for batch in read.batches.iter().flat_map(Batches::unverified) {
                let found = batch.map_err(damaged)?.records().map_err(damaged)?;
                records.extend(found.iter().map(|record| test_record(at.partition, &record)));
            }
            next = read.next;
        }
        Ok(())
    }
}

fn test_record(partition: i32, record: &records::Record<'_>) -> TestRecord {
    let headers = record.headers();
    TestRecord {
        partition,
        timestamp_ms: record.timestamp_ms,
        key: record.key.map(<[u8]>::to_vec),
        value: record.value.map(<[u8]>::to_vec),
        headers: headers
            .map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
            .collect(),
    }
}

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod coalescing_tests;
#[cfg(test)]
mod join_tests;
#[cfg(test)]
pub(crate) mod plans;
#[cfg(test)]
mod pull_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod sequence_tests;
#[cfg(test)]
mod tests;
