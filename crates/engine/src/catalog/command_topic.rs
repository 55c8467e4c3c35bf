//! The command topic: the durable list of definitions, one JSON record each.
//!
//! Name as ksqlDB's (spec section 7.1), one partition, kept for ever. Key: the command's id as JSON
//! text. Value: [`Entry`]. A command counts once its record is on stable storage; at start the topic
//! is read from the beginning and folded into the [`super::Metastore`].

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use commitlog::{Append, Commit, Log, TopicConfig, Visibility};
use serde::{Deserialize, Serialize};
use types::seams::Random;
use types::{Offset, TopicPartition};

use super::command::Command;
use crate::{Error, Result};

/// How much is read at once at start.
const READ_BYTES_MAX: usize = 4 << 20;
/// The topic's entry that holds the id of the log, made with the topic and never changed.
const CLUSTER_ID: &str = "tidemill.cluster.id";

/// A record's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Version of this layout.
    version: u32,
    /// The statement's text.
    pub statement: String,
    /// What it came to.
    pub command: Command,
}

/// Version of [`Entry`] written now.
const VERSION: u32 = 1;

/// The command topic of one log.
#[derive(Clone, Debug)]
pub struct CommandTopic {
    log: Arc<dyn Log>,
    partition: TopicPartition,
}

impl CommandTopic {
    /// Opens the topic of `service_id`, creating it on a fresh log.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn open(log: Arc<dyn Log>, service_id: &str, random: &dyn Random) -> Result<Self> {
        let topic = format!("_confluent-ksql-{service_id}_command_topic");
        if log.topic(&topic).is_none() {
            let id = [random.next_u64().to_be_bytes(), random.next_u64().to_be_bytes()].concat();
            let id = URL_SAFE_NO_PAD.encode(id);
            let config = TopicConfig {
                retention_ms: None,
                retention_bytes: None,
                other: BTreeMap::from([(CLUSTER_ID.to_owned(), id)]),
                ..TopicConfig::default()
            };
            log.create_topic(&topic, &config)?;
        }
        Ok(Self { log, partition: TopicPartition::new(topic, 0) })
    }

    /// The id of the log, the same over all restarts.
    pub fn cluster_id(&self) -> String {
        let topic = self.log.topic(&self.partition.topic);
        let id = topic.and_then(|topic| topic.config.other.get(CLUSTER_ID).cloned());
        id.unwrap_or_else(|| self.partition.topic.to_string())
    }

    /// All entries, oldest first.
    ///
    /// # Errors
    /// When the log can't be read or holds something else.
    pub fn read(&self) -> Result<Vec<Entry>> {
        let end = self.log.offsets(&self.partition)?.end;
        let mut entries = Vec::new();
        let mut next = Offset::ZERO;
        while next < end {
            let read =
                self.log.read(&self.partition, next, READ_BYTES_MAX, Visibility::Committed)?;
            if read.next == next {
                break;
            }
            for slice in &read.batches {
                self.read_batches(slice, &mut entries)?;
            }
            next = read.next;
        }
        Ok(entries)
    }

    fn read_batches(&self, slice: &Bytes, entries: &mut Vec<Entry>) -> Result<()> {
        for batch in records::Batches::new(slice) {
            let batch = batch.map_err(|error| self.damaged(&error.to_string()))?;
            let records = batch.records().map_err(|error| self.damaged(&error.to_string()))?;
            for record in records.iter() {
                let value = record.value.unwrap_or_default();
                let entry: Entry =
                    super::stored::decode(value).map_err(|e| self.damaged(&e.to_string()))?;
                if entry.version > VERSION {
                    return Err(self.damaged("written by a newer release"));
                }
                entries.push(entry);
            }
        }
        Ok(())
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Internal(format!("cannot read the definitions in {}: {reason}", self.partition))
    }

    /// The offset the next command will get.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn next_offset(&self) -> Result<Offset> {
        Ok(self.log.offsets(&self.partition)?.end)
    }

    /// Writes a command and waits until it is on stable storage; returns its offset.
    ///
    /// # Errors
    /// When the log refuses; the command then did not happen.
    pub fn append(&self, statement: &str, command: &Command, now_ms: i64) -> Result<Offset> {
        let key = serde_json::to_vec(&command.id()).map_err(|e| Error::Internal(e.to_string()))?;
        let entry =
            Entry { version: VERSION, statement: statement.to_owned(), command: command.clone() };
        let value = serde_json::to_vec(&entry).map_err(|e| Error::Internal(e.to_string()))?;
        let mut batch = records::Builder::new(records::Compression::None);
        batch.append(now_ms, Some(&key), Some(&value), &[]);
        let append = Append { partition: self.partition.clone(), batch: batch.build() };
        let committed = self.log.commit(Commit { appends: vec![append], ..Commit::default() })?;
        self.log.wait_durable(committed.id)?;
        Ok(committed.appended[0].base_offset)
    }
}
