//! A task: one sub-topology on one partition, with its operators, stores and sources. It is owned by
//! one worker (or the test driver), which calls [`Task::step`] when inputs have grown.

mod changelog_value;
mod commit;
mod open;
mod pull;
mod restore;

use std::sync::Arc;

use commitlog::{CommitId, Log, Sequences};
use plan::physical::Plan;
use state::CacheBudget;
use types::{Offset, TopicPartition};

use crate::chunk::Chunk;
use crate::context::{Context, Reporter};
use crate::materialized::TableReader;
use crate::operator::Operator;
use crate::services::Surroundings;
use crate::source::Source;
use crate::stores::Stores;
use crate::{QueryOptions, Result, RowSender};

pub(crate) use open::TaskSpec;
use restore::Restoration;

/// A running task.
pub(crate) struct Task {
    plan: Arc<Plan>,
    sub_topology: usize,
    partition: i32,
    operators: Vec<Box<dyn Operator>>,
    /// For each node, who takes its rows: node and number of the input.
    followers: Vec<Vec<(usize, usize)>>,
    sources: Vec<Source>,
    /// Position of each source as of the last commit.
    committed: Vec<Offset>,
    stores: Stores,
    changelogs: Vec<ChangelogState>,
    options: QueryOptions,
    reporter: Reporter,
    surroundings: Surroundings,
    log: Arc<dyn Log>,
    group: Arc<str>,
    last_commit: Option<CommitId>,
    /// Numbers its batches; made with the first one.
    sequences: Option<Sequences>,
    restoration: Restoration,
    /// Memory that all tasks share.
    caches: Arc<CacheBudget>,
    /// What the budget was told of the operators' memory.
    held_bytes: usize,
    /// Reader of a Return node's rows.
    rows: Option<RowSender>,
    /// Answers pull queries; made when the first comes.
    reader: Option<TableReader>,
}

/// The changelog of a store.
struct ChangelogState {
    store: usize,
    /// Its own topic's partition; `None` when it is rebuilt from a source topic.
    partition: Option<TopicPartition>,
    /// The next offset there.
    next: Offset,
    /// Sources it is rebuilt from, when it has no topic.
    sources: Vec<usize>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing was there to do.
    Idle,
    /// A batch was processed; there may be more.
    Progressed,
    /// The reader of its rows has to take some first.
    Blocked,
}

impl Task {
    /// Tells the task that any partition may have grown.
    pub fn wake_all(&mut self) {
        self.sources.iter_mut().for_each(Source::wake);
    }

    /// Processes a bounded batch and commits it. After an error the task must be dropped and opened
    /// again: nothing of the batch took effect.
    pub fn step(&mut self) -> Result<Step> {
        if self.rows.as_ref().is_some_and(|rows| !rows.has_space()) {
            return Ok(Step::Blocked);
        }
        let mut budget = self.options.batch_records_max.max(1);
        while budget > 0 {
            let Some((node, chunk)) = self.next_run(budget)? else { break };
            budget -= chunk.rows().min(budget);
            self.push(node, 0, chunk)?;
        }
        if self.sources.iter().zip(&self.committed).all(|(source, at)| source.position() == *at) {
            return Ok(Step::Idle);
        }
        self.end_batch()?;
        self.commit()?;
        Ok(Step::Progressed)
    }

    /// The next rows in timestamp order over the sources; of equal ones the first source goes first.
    fn next_run(&mut self, rows_max: usize) -> Result<Option<(usize, Chunk)>> {
        let Self { sources, stores, surroundings, options, reporter, partition, .. } = self;
        let context = Context { stores, surroundings, options, reporter, partition: *partition };
        let mut first: Option<(i64, usize)> = None;
        let mut limit = i64::MAX;
        for (index, source) in sources.iter_mut().enumerate() {
            let Some(time) = source.head(&context)? else { continue };
            match first {
                Some((earliest, _)) if earliest <= time => limit = limit.min(time),
                Some((earliest, _)) => {
                    // The one that was first goes on only where it is strictly earlier.
                    limit = limit.min(earliest.saturating_sub(1));
                    first = Some((time, index));
                }
                None => first = Some((time, index)),
            }
        }
        let Some((time, index)) = first else { return Ok(None) };
        let source = &mut sources[index];
        Ok(Some((source.node, source.take_run(limit.max(time), rows_max))))
    }

    /// Hands `chunk` to node `node`, and what comes out of it to its followers.
    fn push(&mut self, node: usize, input: usize, chunk: Chunk) -> Result<()> {
        let Self { operators, stores, surroundings, options, reporter, partition, .. } = self;
        let mut context =
            Context { stores, surroundings, options, reporter, partition: *partition };
        let chunks = operators[node].process(input, chunk, &mut context)?;
        self.follow(node, chunks)
    }

    fn follow(&mut self, node: usize, chunks: Vec<Chunk>) -> Result<()> {
        for chunk in chunks {
            for follower in 0..self.followers[node].len() {
                let (next, input) = self.followers[node][follower];
                self.push(next, input, chunk.clone())?;
            }
        }
        Ok(())
    }

    /// Lets every node finish its batch, upstream first.
    fn end_batch(&mut self) -> Result<()> {
        for node in 0..self.operators.len() {
            let Self { operators, stores, surroundings, options, reporter, partition, .. } = self;
            let mut context =
                Context { stores, surroundings, options, reporter, partition: *partition };
            let chunks = operators[node].end_batch(&mut context)?;
            self.follow(node, chunks)?;
        }
        Ok(())
    }
}
