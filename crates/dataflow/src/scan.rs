//! One look at a source topic from its beginning to where it ended when the look began: what a pull
//! query over a stream reads. Runs on the caller's thread, commits nothing, touches no task.

use std::collections::VecDeque;
use std::sync::Arc;

use commitlog::Visibility;
use plan::physical::{Node, Operator};
use types::{Offset, QueryId, TopicPartition};

use crate::context::{Context, Reporter};
use crate::metrics::Counters;
use crate::services::Surroundings;
use crate::source::RowDecoder;
use crate::stores::Stores;
use crate::{Error, QueryOptions, Result, Rows, Services};

/// Reads a topic once.
pub struct Scan {
    services: Services,
    decoder: RowDecoder,
    surroundings: Surroundings,
    reporter: Reporter,
    options: QueryOptions,
    /// What is still to be read of each partition: from, up to.
    ranges: VecDeque<(TopicPartition, Offset, Offset)>,
}

impl Scan {
    /// A look at the topic of `node`, which must be a Read node, on behalf of `query`. Fails when the
    /// topic is missing or a format refuses its columns.
    pub fn try_new(node: &Node, query: QueryId, services: &Services) -> Result<Self> {
        let Operator::Read(read) = &node.operator else {
            return Err(Error::Plan(format!("{} reads no topic", node.name)));
        };
        let partitions = services.log.topic(&read.topic).map_or(0, |topic| topic.config.partitions);
        let mut ranges = VecDeque::new();
        for partition in 0..partitions {
            let at = TopicPartition::new(read.topic.as_str(), partition);
            let offsets = services.log.offsets(&at)?;
            ranges.push_back((at, offsets.start, offsets.stable));
        }
        Ok(Self {
            decoder: RowDecoder::try_new(node, read, services)?,
            surroundings: services.surroundings(),
            reporter: Reporter {
                query,
                log: Arc::clone(&services.processing_log),
                counters: Arc::new(Counters::default()),
            },
            options: QueryOptions::default(),
            services: services.clone(),
            ranges,
        })
    }

    /// The next rows; `None` after the last. Batches may be empty. Fails when the log can't be read.
    pub fn next_rows(&mut self) -> Result<Option<Rows>> {
        while let Some((at, from, end)) = self.ranges.pop_front() {
            if from >= end {
                continue;
            }
            let (rows, next) = self.read(&at, from, end)?;
            self.ranges.push_front((at, next, end));
            return Ok(Some(rows));
        }
        Ok(None)
    }

    fn read(&mut self, at: &TopicPartition, from: Offset, end: Offset) -> Result<(Rows, Offset)> {
        let damaged = |error: records::Error| Error::Records {
            partition: at.clone(),
            reason: error.to_string(),
        };
        let bytes_max = self.options.fetch_bytes_max;
        let read = self.services.log.read(at, from, bytes_max, Visibility::Durable)?;
        let mut batches = Vec::new();
        for batch in read.batches.iter().flat_map(records::Batches::unverified) {
            let batch = batch.map_err(damaged)?;
            if batch.base_offset() >= end.0 {
                break;
            }
            batches.push(batch.records().map_err(damaged)?);
        }
        let next = if read.next == from { end } else { read.next };
        let mut stores = Stores::default();
        let context = Context {
            stores: &mut stores,
            surroundings: &self.surroundings,
            options: &self.options,
            reporter: &self.reporter,
            partition: at.partition,
        };
        let decoded = self.decoder.decode(at, &batches, from, &context)?;
        Ok((decoded.chunk.into_rows(), next))
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("ranges", &self.ranges).finish_non_exhaustive()
    }
}
