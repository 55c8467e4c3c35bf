//! ASSERT TOPIC and ASSERT SCHEMA: tried until they hold or time is up (spec section 1.10).

use std::time::Duration;

use sql::ast::{AssertSchema, AssertTopic, Literal};
use types::SchemaId;

use super::{Session, connectors};
use crate::world::World;
use crate::{Entity, Error, ErrorCode, Result};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(100);
/// Longest time that an assertion is tried.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// ASSERT TOPIC.
///
/// # Errors
/// With code 41700 when it does not hold in time.
pub fn topic(world: &World, assertion: &AssertTopic, session: &Session) -> Result<Entity> {
    let name = "ksql.assert.topic.default.timeout.ms";
    let timeout = timeout(assertion.timeout, session.properties.number(name));
    hold(world, timeout, || check_topic(world, assertion))?;
    let topic = assertion.topic.node.clone();
    Ok(Entity::TopicAsserted { topic, exists: assertion.exists })
}

/// ASSERT SCHEMA.
///
/// # Errors
/// With code 41700 when it does not hold in time.
pub fn schema(world: &World, assertion: &AssertSchema, session: &Session) -> Result<Entity> {
    let name = "ksql.assert.schema.default.timeout.ms";
    let timeout = timeout(assertion.timeout, session.properties.number(name));
    hold(world, timeout, || check_schema(world, assertion))?;
    Ok(Entity::SchemaAsserted {
        subject: assertion.subject.as_ref().map(|subject| subject.node.clone()),
        id: schema_id(assertion).map(|id| id.0),
        exists: assertion.exists,
    })
}

fn timeout(written: Option<sql::ast::Duration>, default_ms: i64) -> Duration {
    let ms = written.and_then(sql::ast::Duration::as_ms).unwrap_or(default_ms);
    Duration::from_millis(u64::try_from(ms).unwrap_or_default()).min(TIMEOUT_MAX)
}

/// Looks again and again until `check` has no complaint.
fn hold(
    world: &World,
    timeout: Duration,
    check: impl Fn() -> Result<std::result::Result<(), String>>,
) -> Result<()> {
    let clock = &world.services.clock;
    let deadline = clock.monotonic() + timeout;
    loop {
        let Err(message) = check()? else { return Ok(()) };
        if clock.monotonic() >= deadline {
            return Err(Error::Refused { code: ErrorCode::AssertionFailed, message });
        }
        world.check_open()?;
        std::thread::sleep(INTERVAL);
    }
}

fn check_topic(world: &World, assertion: &AssertTopic) -> Result<std::result::Result<(), String>> {
    let name = &assertion.topic.node;
    let found = world.services.log.topic(name);
    Ok(match (found, assertion.exists) {
        (Some(_), false) => Err(format!("Topic {name} exists")),
        (None, true) => Err(format!("Topic {name} does not exist")),
        (None, false) => Ok(()),
        (Some(topic), true) => check_config(name, topic.config.partitions, assertion),
    })
}

fn check_config(
    name: &str,
    partitions: i32,
    assertion: &AssertTopic,
) -> std::result::Result<(), String> {
    for property in &assertion.properties.entries {
        let actual = match property.name.node.to_uppercase().as_str() {
            "PARTITIONS" => partitions,
            "REPLICAS" => 1,
            other => {
                return Err(format!("Cannot assert unknown topic property: {other}"));
            }
        };
        if property.value.node != Literal::Integer(actual) {
            let key = property.name.node.to_lowercase();
            return Err(format!(
                "Mismatched configuration for topic {name}: For config {key}, expected {} got \
                 {actual}",
                connectors::plain(&property.value.node).unwrap_or_default()
            ));
        }
    }
    Ok(())
}

fn schema_id(assertion: &AssertSchema) -> Option<SchemaId> {
    let id = assertion.id.as_ref()?;
    i32::try_from(id.node).ok().map(SchemaId)
}

fn check_schema(
    world: &World,
    assertion: &AssertSchema,
) -> Result<std::result::Result<(), String>> {
    let schemas = &world.services.schemas;
    let subject = assertion.subject.as_ref().map(|subject| subject.node.as_str());
    let by_subject = match subject {
        Some(subject) => schemas.latest(subject)?.map(|schema| schema.id),
        None => None,
    };
    let is_found = match (subject, schema_id(assertion)) {
        (Some(_), None) => by_subject.is_some(),
        (Some(_), Some(id)) => by_subject == Some(id),
        (None, Some(id)) => schemas.schema(id).is_ok(),
        (None, None) => false,
    };
    let mut words = "Schema".to_owned();
    if let Some(subject) = subject {
        words.push_str(&format!(" with subject name {subject}"));
    }
    if let Some(id) = schema_id(assertion) {
        words.push_str(&format!(" id {id}"));
    }
    Ok(match (is_found, assertion.exists) {
        (true, true) | (false, false) => Ok(()),
        (false, true) => Err(format!("{words} does not exist")),
        (true, false) => Err(format!("{words} exists")),
    })
}
