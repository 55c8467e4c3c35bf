//! Topic and schemas of one table: what must exist before its first record. CREATE prepares all tables
//! that are there, so that the statements after it find their schemas; a running connector prepares
//! each table when its first row comes. Both may do the same, which is then done once.

use std::sync::Arc;

use commitlog::{Log, TopicConfig};
use formats::SchemaStore;

use super::catalog;
use super::output::{Schemas, Style};
use super::source::Config;
use super::table::Table;
use crate::convert::Encoding;
use crate::error::{Error, Result};

/// Rows can be as large as the server's packets, so topics accept more than Kafka's default.
const MESSAGE_BYTES_MAX: u32 = 1 << 30;

/// What is to be prepared for a table.
#[derive(Debug)]
pub struct Preparation {
    topic: Arc<str>,
    topic_config: TopicConfig,
    schemas: Schemas,
    style: Style,
}

/// A table's topic and the encodings bound to its schemas.
#[derive(Debug)]
pub struct Prepared {
    /// The topic.
    pub topic: Arc<str>,
    /// Its number of partitions.
    pub partitions: i32,
    /// The schemas.
    pub schemas: Schemas,
    /// Encodings of keys, if there are keys, and of values.
    pub encodings: (Option<Encoding>, Encoding),
}

impl Preparation {
    /// What `table` needs.
    pub fn new(table: &Table, config: &Config) -> Self {
        let topic: Arc<str> = config.topic(table).into();
        let schemas = Schemas::new(table, &topic, &config.filter, &config.style);
        let (topic_config, style) = (config.topic_config.clone(), config.style.clone());
        Self { topic, topic_config, schemas, style }
    }

    /// Creates the topic and registers the schemas, unless they are there. Blocks.
    ///
    /// # Errors
    /// When the topic can't be created or a schema is refused.
    pub fn carry_out(self, log: &dyn Log, store: &Arc<dyn SchemaStore>) -> Result<Prepared> {
        let Self { topic, topic_config, schemas, style } = self;
        let partitions = ensure_topic(log, &topic, &topic_config)?;
        let encodings = schemas.bind(&topic, &style, store)?;
        Ok(Prepared { topic, partitions, schemas, encodings })
    }
}

/// Prepares every captured table that the server has.
///
/// # Errors
/// When the server is lost, a topic can't be created or a schema is refused.
pub async fn prepare(
    config: &Config,
    log: Arc<dyn Log>,
    store: Arc<dyn SchemaStore>,
) -> Result<()> {
    let mut conn = config.server.connect().await?;
    let tables = catalog::read(&mut conn, &config.filter).await?;
    let all: Vec<_> = tables.iter().map(|table| Preparation::new(table, config)).collect();
    let work = move || all.into_iter().try_for_each(|one| one.carry_out(&*log, &store).map(drop));
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Internal(error.to_string())))
}

/// Creates `topic` unless it exists; its number of partitions. Blocks.
///
/// # Errors
/// When the log refuses, or the topic is one that only the broker writes to.
pub fn ensure_topic(log: &dyn Log, topic: &str, config: &TopicConfig) -> Result<i32> {
    if types::topics::is_sealed(topic) {
        let reason = "it is the broker's own".to_owned();
        return Err(Error::Log(commitlog::Error::InvalidTopic { name: topic.to_owned(), reason }));
    }
    if let Some(existing) = log.topic(topic) {
        return Ok(existing.config.partitions);
    }
    let config = TopicConfig { message_bytes_max: MESSAGE_BYTES_MAX, ..config.clone() };
    match log.create_topic(topic, &config) {
        Ok(()) => Ok(config.partitions),
        Err(commitlog::Error::TopicExists(_)) => {
            Ok(log.topic(topic).map_or(config.partitions, |found| found.config.partitions))
        }
        Err(error) => Err(Error::from(error)),
    }
}
