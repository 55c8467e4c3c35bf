//! The outputs of all tables, set up when a table's first row comes: topic, schemas, encodings.

use std::collections::HashMap;
use std::sync::Arc;

use commitlog::TopicConfig;

use super::output::TableOutput;
use super::preparation::{Preparation, Prepared, ensure_topic};
use super::source::Config;
use super::table::Table;
use crate::api::Context;
use crate::error::Result;
use crate::outbox::Outbox;

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
        let preparation = Preparation::new(table, config);
        let (log, store) = (Arc::clone(&context.log), Arc::clone(&context.schemas));
        let prepared = context.blocking(move || preparation.carry_out(&*log, &store)).await?;
        let Prepared { topic, partitions, schemas, encodings } = prepared;
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
    let (log, topic, config) = (Arc::clone(&context.log), Arc::clone(topic), config.clone());
    context.blocking(move || ensure_topic(&*log, &topic, &config)).await
}
