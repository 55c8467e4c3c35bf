//! Large tables without a key: read into a staging topic first, then moved batch by batch. Reading
//! can't be resumed, moving can; nothing is visible in the table's topic before reading is done.

use std::sync::Arc;

use commitlog::{Chunk, Visibility};
use records::Batches;
use types::{Offset, TopicPartition};

use super::outputs::create_topic;
use super::position::TableSnapshot;
use super::source::Run;
use super::table::Table;
use crate::error::{Error, Result};

const MOVE_BYTES_MAX: usize = 4 << 20;

impl Run<'_> {
    /// Lets the table's records go to an empty staging topic from the next commit on.
    pub async fn begin_staging(&mut self, table: &Table) -> Result<()> {
        let topic: Arc<str> = self.config.topic(table).into();
        let staging = self.staging_topic(&topic);
        self.drop_staging(&staging).await?;
        let log = Arc::clone(&self.context.log);
        let existing = log.topic(&topic).map_or(1, |found| found.config.partitions);
        let config = commitlog::TopicConfig {
            retention_ms: None,
            ..commitlog::TopicConfig::with_partitions(existing)
        };
        create_topic(&staging, &config, self.context).await?;
        self.set_snapshot(&table.full_name(), Some(TableSnapshot::Staging));
        self.outbox.redirect(Some((topic, staging)));
        Ok(())
    }

    /// The last rows are in the outbox; with its commit the staging topic is complete.
    pub async fn end_staging(&mut self, table: &str) -> Result<()> {
        let moving = TableSnapshot::Moving { partition: 0, offset: 0, rows: 0 };
        self.set_snapshot(table, Some(moving));
        Ok(())
    }

    /// Moves what staging topics hold, before anything else happens to their tables.
    pub async fn finish_moving(&mut self) -> Result<()> {
        let moving = self.snapshots.iter().filter_map(|(table, snapshot)| match snapshot {
            TableSnapshot::Moving { .. } => Some(table.clone()),
            _ => None,
        });
        for table in moving.collect::<Vec<_>>() {
            self.move_table(&table).await?;
        }
        Ok(())
    }

    async fn move_table(&mut self, name: &str) -> Result<()> {
        let Some(table) = self.tracker.table(name) else {
            self.set_snapshot(name, None);
            return Ok(());
        };
        let topic: Arc<str> = self.config.topic(table).into();
        let staging = self.staging_topic(&topic);
        let partitions =
            self.context.log.topic(&staging).map_or(0, |found| found.config.partitions);
        let Some(TableSnapshot::Moving { mut partition, mut offset, mut rows }) =
            self.snapshots.get(name).cloned()
        else {
            return Ok(());
        };
        while partition < partitions {
            if self.context.is_stopped() {
                return Err(Error::Stopped);
            }
            match self.move_some(&topic, &staging, partition, offset).await? {
                Some((next, moved)) => {
                    offset = next;
                    rows += moved;
                    let moving = TableSnapshot::Moving { partition, offset, rows };
                    self.set_snapshot(name, Some(moving));
                    self.context.commit(&mut self.outbox).await?;
                }
                None => {
                    partition += 1;
                    offset = 0;
                }
            }
        }
        self.set_snapshot(name, Some(TableSnapshot::Done { rows }));
        self.context.commit(&mut self.outbox).await?;
        self.drop_staging(&staging).await
    }

    /// Puts some batches into the outbox; the next offset and the number of records, or nothing at
    /// the partition's end.
    async fn move_some(
        &mut self,
        topic: &Arc<str>,
        staging: &Arc<str>,
        partition: i32,
        offset: i64,
    ) -> Result<Option<(i64, u64)>> {
        let log = Arc::clone(&self.context.log);
        let from = TopicPartition::new(Arc::clone(staging), partition);
        let read = self
            .context
            .blocking(move || {
                if log.offsets(&from)?.end.0 <= offset {
                    return Ok(Chunk::default());
                }
                let read = log.read(&from, Offset(offset), MOVE_BYTES_MAX, Visibility::Committed);
                Ok(read?)
            })
            .await?;
        let mut moved = None;
        for bytes in &read.batches {
            for batch in Batches::new(bytes) {
                let batch = batch.map_err(|error| Error::CorruptState {
                    topic: staging.to_string(),
                    reason: error.to_string(),
                })?;
                let to = TopicPartition::new(Arc::clone(topic), partition);
                let records = u64::try_from(batch.record_count()).unwrap_or(0);
                self.outbox.append_batch(to, batch.bytes().clone(), records);
                let (_, so_far) = moved.unwrap_or((offset, 0));
                moved = Some((batch.last_offset() + 1, so_far + records));
            }
        }
        Ok(moved)
    }

    fn staging_topic(&self, topic: &str) -> Arc<str> {
        format!("connect-staging-{topic}").into()
    }

    async fn drop_staging(&self, staging: &Arc<str>) -> Result<()> {
        let (log, staging) = (Arc::clone(&self.context.log), Arc::clone(staging));
        self.context
            .blocking(move || match log.topic(&staging) {
                Some(_) => Ok(log.delete_topic(&staging)?),
                None => Ok(()),
            })
            .await
    }
}
