//! Pull queries against a task's store.

use std::fmt;

use super::Task;
use crate::context::Context;
use crate::materialized::TableReader;
use crate::{Error, PullRequest, Result, Rows, Services};

impl Task {
    /// Index of the task's sub-topology.
    pub fn sub_topology(&self) -> usize {
        self.sub_topology
    }

    /// The rows of the materialised table that match, as of the last commit. Fails when this task
    /// does not hold the table or is still being restored.
    pub fn pull(&mut self, request: &PullRequest, services: &Services) -> Result<Rows> {
        if !self.is_restored() {
            return Err(Error::Restoring(self.reporter.query.clone()));
        }
        if self.reader.is_none() {
            self.reader = Some(TableReader::try_new(&self.plan, self.sub_topology, services)?);
        }
        self.spill()?;
        let Self { reader, stores, surroundings, options, reporter, partition, .. } = self;
        let mut context =
            Context { stores, surroundings, options, reporter, partition: *partition };
        reader.as_mut().expect("it was just made").read(request, &mut context)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.caches.report(self.held_bytes, 0);
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("application", &self.group)
            .field("sub_topology", &self.sub_topology)
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}
