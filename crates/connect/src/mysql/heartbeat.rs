//! Heartbeats (`heartbeat.interval.ms`): records in a topic of their own that say that the connector is
//! alive and move its position on, also while no captured table changes.

use std::sync::Arc;
use std::time::Duration;

use super::outputs::create_topic;
use super::source::Config;
use crate::api::Context;
use crate::config::Settings;
use crate::convert::{Encoding, FieldName, Schema, Type};
use crate::error::Result;
use crate::outbox::{Outbox, TargetId};

/// When and where.
#[derive(Clone, Debug)]
pub struct HeartbeatConfig {
    /// Time between two; zero for none.
    pub interval: Duration,
    /// First part of the topic's name; the second is the topic prefix.
    pub topic_prefix: String,
}

impl HeartbeatConfig {
    /// What `settings` say.
    pub fn new(settings: &Settings) -> Self {
        let interval_ms = settings.integer("heartbeat.interval.ms");
        Self {
            interval: Duration::from_millis(interval_ms.unsigned_abs()),
            topic_prefix: settings.text("topic.heartbeat.prefix").to_owned(),
        }
    }
}

/// Writes them.
#[derive(Debug)]
pub struct Heartbeat {
    interval: Duration,
    /// When the last one was written, on the monotonic clock.
    last: Option<Duration>,
    output: Option<Output>,
}

#[derive(Debug)]
struct Output {
    target: TargetId,
    key: Encoding,
    value: Encoding,
    server_name: FieldName,
    ts_ms: FieldName,
}

impl Heartbeat {
    /// None was written yet.
    pub fn new(config: &HeartbeatConfig) -> Self {
        Self { interval: config.interval, last: None, output: None }
    }

    /// How long after `now` the next one is due; `None` when there are none.
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        let since = |last| self.interval.saturating_sub(now.saturating_sub(last));
        (!self.interval.is_zero()).then(|| self.last.map_or(Duration::ZERO, since))
    }

    /// Writes one into `outbox`.
    ///
    /// # Errors
    /// When the topic can't be created or its schemas are refused.
    pub async fn write(
        &mut self,
        now: Duration,
        config: &Config,
        context: &Context,
        outbox: &mut Outbox,
    ) -> Result<()> {
        let output = match self.output.take() {
            Some(output) => output,
            None => Output::open(config, context, outbox).await?,
        };
        let output = self.output.insert(output);
        let (mut key, mut value) = (Vec::new(), Vec::new());
        let now_ms = context.clock.now_ms();
        output.key.encode(&mut key, |writer| {
            writer.open();
            writer.field(&output.server_name);
            writer.string(&config.prefix);
            writer.close();
        });
        output.value.encode(&mut value, |writer| {
            writer.open();
            writer.field(&output.ts_ms);
            writer.long(now_ms);
            writer.close();
        });
        outbox.append(output.target, now_ms, Some(&key), Some(&value));
        self.last = Some(now);
        Ok(())
    }
}

impl Output {
    async fn open(config: &Config, context: &Context, outbox: &mut Outbox) -> Result<Self> {
        let name = config.topic_of(&[&config.heartbeat.topic_prefix, &config.prefix]);
        let topic: Arc<str> = name.into();
        let partitions = create_topic(&topic, &config.topic_config, context).await?;
        let schema = |name: &str, field: &str, kind| {
            let fields = vec![Schema::new(kind).field(field)];
            Schema::record(format!("io.debezium.connector.common.{name}"), fields).version(1)
        };
        let key = schema("ServerNameKey", "serverName", Type::String);
        let value = schema("Heartbeat", "ts_ms", Type::Int64);
        let (style, store) = (config.style.clone(), Arc::clone(&context.schemas));
        let bound = Arc::clone(&topic);
        let (key, value) = context
            .blocking(move || {
                let key = style.key.bind(&key, &bound, "key", &store)?;
                Ok((key, style.value.bind(&value, &bound, "value", &store)?))
            })
            .await?;
        context.gauges.add_topic(&topic);
        Ok(Self {
            target: outbox.target(&topic, partitions),
            key,
            value,
            server_name: FieldName::new("serverName"),
            ts_ms: FieldName::new("ts_ms"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Heartbeat, HeartbeatConfig};

    #[test]
    fn the_first_is_due_at_once_and_none_without_an_interval() {
        let heartbeat = |ms| {
            let interval = Duration::from_millis(ms);
            Heartbeat::new(&HeartbeatConfig { interval, topic_prefix: String::new() })
        };
        assert_eq!(heartbeat(0).wait(Duration::ZERO), None);
        let mut beating = heartbeat(100);
        assert_eq!(beating.wait(Duration::from_secs(5)), Some(Duration::ZERO));
        beating.last = Some(Duration::from_secs(5));
        let wait = beating.wait(Duration::from_millis(5030));
        assert_eq!(wait, Some(Duration::from_millis(70)));
    }
}
