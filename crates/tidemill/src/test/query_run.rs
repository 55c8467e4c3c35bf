//! One query of a case in a driver of its own: records go in one at a time, results come out into the
//! stub broker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dataflow::{QuerySpec, TestDriver, TestRecord};
use engine::catalog::PersistentQuery;
use engine::definition;
use types::seams::Clock;
use types::seams::system::SystemClock;

use super::outcome::Stop;
use super::statements::Workbench;
use super::stub::{StubBroker, StubRecord};

/// A running query.
pub struct QueryRun {
    driver: TestDriver,
    sink: Option<String>,
    sources: BTreeSet<String>,
    /// How many records of each topic were already taken.
    taken: BTreeMap<String, usize>,
}

impl QueryRun {
    /// Starts `query` over empty topics of one partition each.
    ///
    /// # Errors
    /// When the engine can't run the plan.
    pub fn start(
        query: &PersistentQuery,
        sources: &BTreeSet<String>,
        bench: &Workbench,
    ) -> Result<Self, Stop> {
        let mut driver = TestDriver::new(Arc::clone(bench.functions()), bench.schemas.clone());
        // Nothing in a case depends on the wall clock but UNIX_TIMESTAMP, whose result must be one
        // of today; it stands still from here on.
        driver.clock().set_ms(SystemClock::default().now_ms());
        for topic in sources.iter().chain(&query.plan.internal_topics).chain(&query.sink_topic) {
            driver.create_topic(topic, 1).map_err(|error| failed(&error))?;
        }
        let properties = bench.properties.with_session(&query.properties);
        let properties = properties.map_err(|error| Stop::Defect(error.to_string()))?;
        let spec = QuerySpec {
            id: query.id.clone(),
            plan: Arc::new(query.plan.clone()),
            options: definition::query_options(&properties),
            rows: None,
        };
        driver.create(spec).map_err(|error| failed(&error))?;
        Ok(Self {
            driver,
            sink: query.sink_topic.clone(),
            sources: sources.clone(),
            taken: BTreeMap::new(),
        })
    }

    /// Pipes one record through the whole query.
    ///
    /// # Errors
    /// When the query stops on it.
    pub fn pipe(&mut self, topic: &str, record: &StubRecord) -> Result<(), Stop> {
        let record = TestRecord {
            partition: 0,
            timestamp_ms: record.timestamp_ms,
            key: record.key.as_ref().map(|key| key.to_vec()),
            value: record.value.as_ref().map(|value| value.to_vec()),
            headers: record
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.as_ref().map(|value| value.to_vec())))
                .collect(),
        };
        self.driver.pipe(topic, &record).map_err(|error| failed(&error))
    }

    /// Moves new records of the sink topic to the broker.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn drain_sink(&mut self, broker: &mut StubBroker) -> Result<(), Stop> {
        match self.sink.clone() {
            Some(sink) => self.drain(&sink, broker),
            None => Ok(()),
        }
    }

    /// Moves new records of every topic that the query writes to the broker.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn drain_all(&mut self, broker: &mut StubBroker) -> Result<(), Stop> {
        let topics = self.driver.services().log.topics();
        let is_written =
            |name: &&str| !self.sources.contains(*name) || self.sink.as_deref() == Some(name);
        let written: Vec<String> =
            topics.iter().map(|topic| &*topic.name).filter(is_written).map(str::to_owned).collect();
        written.iter().try_for_each(|topic| self.drain(topic, broker))
    }

    fn drain(&mut self, topic: &str, broker: &mut StubBroker) -> Result<(), Stop> {
        let records = self.driver.records(topic).map_err(|error| failed(&error))?;
        let taken = self.taken.entry(topic.to_owned()).or_default();
        for record in records.into_iter().skip(*taken) {
            *taken += 1;
            broker.append(topic, stored(record));
        }
        Ok(())
    }
}

fn stored(record: TestRecord) -> StubRecord {
    StubRecord {
        key: record.key.map(Into::into),
        value: record.value.map(Into::into),
        timestamp_ms: record.timestamp_ms,
        headers: record.headers.into_iter().map(|(k, v)| (k, v.map(Into::into))).collect(),
    }
}

/// What a stopped query means for the case.
fn failed(error: &dataflow::Error) -> Stop {
    use dataflow::Error;
    match error {
        Error::Plan(message) => Stop::Unsupported(message.clone()),
        Error::Format { source: formats::Error::Unsupported(message), .. } => {
            Stop::Unsupported(message.clone())
        }
        Error::Format { .. } | Error::Data(_) => Stop::Runtime(error.to_string()),
        other => Stop::Defect(other.to_string()),
    }
}
