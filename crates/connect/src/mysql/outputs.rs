//! The outputs of all tables, set up when a table's first row comes: topic, schemas, encodings.

use std::collections::HashMap;
use std::sync::Arc;

use commitlog::TopicConfig;

use super::output::{Schemas, TableOutput};
use super::source::Config;
use super::table::Table;
use crate::api::Context;
use crate::error::{Error, Result};
use crate::outbox::Outbox;

/// Rows can be as large as the server's packets, so topics accept more than Kafka's default.
const MESSAGE_BYTES_MAX: u32 = 1 << 30;

/// Outputs by `database.table`.
#[derive(Debug, Default)]
pub struct Outputs(HashMap<String, TableOutput>);

impl Outputs {
    /// The output of a table, if it is set up.
    pub fn find(&self, table: &str) -> Option<&TableOutput> {
        self.0.get(table)
    }

    /// Lets a table's output be set up anew, because its columns changed.
    pub fn forget(&mut self, table: &str) {
        self.0.remove(table);
    }

    /// Sets the output of `table` up, unless it is already.
    ///
    /// # Errors
    /// When the topic can't be created or a schema is refused.
    pub async fn ensure(
        &mut self,
        table: &Table,
        config: &Config,
        context: &Context,
        outbox: &mut Outbox,
    ) -> Result<()> {
        let name = table.full_name();
        if self.0.contains_key(&name) {
            return Ok(());
        }
        let topic: Arc<str> = config.topic(table).into();
        let partitions = create_topic(&topic, &config.topic_config, context).await?;
        let schemas = Schemas::new(table, &topic, &config.filter, &config.style);
        let (style, store) = (config.style.clone(), Arc::clone(&context.schemas));
        let bound_topic = Arc::clone(&topic);
        let (schemas, encodings) = context
            .blocking(move || {
                let encodings = schemas.bind(&bound_topic, &style, &store)?;
                Ok((schemas, encodings))
            })
            .await?;
        context.gauges.add_topic(&topic);
        let target = outbox.target(&topic, partitions);
        self.0.insert(name, schemas.output(encodings, target, table));
        Ok(())
    }
}

/// Creates `topic` unless it exists; its number of partitions.
pub async fn create_topic(
    topic: &Arc<str>,
    config: &TopicConfig,
    context: &Context,
) -> Result<i32> {
    let (log, topic) = (Arc::clone(&context.log), Arc::clone(topic));
    let config = TopicConfig { message_bytes_max: MESSAGE_BYTES_MAX, ..config.clone() };
    context
        .blocking(move || {
            if let Some(existing) = log.topic(&topic) {
                return Ok(existing.config.partitions);
            }
            match log.create_topic(&topic, &config) {
                Ok(()) => Ok(config.partitions),
                Err(commitlog::Error::TopicExists(_)) => {
                    Ok(log.topic(&topic).map_or(config.partitions, |found| found.config.partitions))
                }
                Err(error) => Err(Error::from(error)),
            }
        })
        .await
}
