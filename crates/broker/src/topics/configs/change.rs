//! One change of one configuration, as both requests that alter configurations make it.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;

use super::target::Target;
use crate::Broker;
use crate::config::{
    Access, Change, Definition, Effect, Entries, Operation, Resource, Value, change,
};
use crate::on_disk::on_disk;
use crate::topics::own;
use crate::topics::refusal::Refusal;

/// What the attributes are called by which clients are chosen that push metrics.
const MATCHED: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Makes `changes` to the configuration of `target`; with `replaces` everything else that is set
/// there is forgotten, with `validate_only` nothing happens. On stable storage when it returns.
///
/// # Errors
/// What is wrong with the first change that cannot be; then none is made.
pub(super) fn apply(
    broker: &Broker,
    target: &Target,
    changes: &[Change],
    replaces: bool,
    validate_only: bool,
) -> Result<(), Refusal> {
    check_names(changes)?;
    let edit = |entries: &mut Entries| edit(broker, target, entries, changes, replaces);
    let settings = &broker.settings;
    let changed = on_disk(|| match target {
        Target::Topic(name) => settings.change_topic(&broker.log, name, edit, validate_only),
        Target::Other(resource) => {
            settings.change((&broker.log, &*broker.clock), resource, edit, validate_only)
        }
    });
    if changed.is_ok() && !validate_only {
        log_changes(target, changes);
    }
    changed
}

/// What has no effect here is said, so that nobody looks for it in vain.
fn log_changes(target: &Target, changes: &[Change]) {
    for change in changes {
        let (entry, operation) = (change.name.as_str(), change.operation);
        let effect = target.definition(entry).map(|definition| definition.effect);
        let has_effect = effect.is_ok_and(|effect| effect == Effect::Honoured);
        tracing::info!(?target, entry, ?operation, has_effect, "a client changed a configuration");
    }
}

fn check_names(changes: &[Change]) -> Result<(), Refusal> {
    let mut names = BTreeSet::new();
    if changes.iter().all(|change| names.insert(change.name.as_str())) {
        return Ok(());
    }
    Err(Refusal::new(ResponseError::InvalidRequest, "Error due to duplicate config keys"))
}

fn edit(
    broker: &Broker,
    target: &Target,
    entries: &mut Entries,
    changes: &[Change],
    replaces: bool,
) -> Result<(), Refusal> {
    if replaces {
        entries.clear();
    }
    for wanted in changes {
        let definition = target.definition(&wanted.name)?;
        check_access(target, definition)?;
        let inherited = inherited(broker, target, definition);
        change(entries, definition, wanted, inherited)
            .map_err(|reason| target.invalid_value(reason))?;
    }
    match target {
        Target::Other(Resource::Group(_)) => check_group(broker, entries),
        Target::Other(Resource::ClientMetrics(_)) => check_match(entries),
        Target::Other(Resource::Cluster | Resource::Node) => Ok(()),
        Target::Topic(name) => {
            own::check_config(name, &broker.settings.topic_config(1, entries, None))
        }
    }
}

fn check_access(target: &Target, definition: &Definition) -> Result<(), Refusal> {
    let is_broker = matches!(target, Target::Other(Resource::Cluster | Resource::Node));
    if !is_broker || definition.access == Access::Dynamic {
        return Ok(());
    }
    let message = format!(
        "Cannot update these configs dynamically: {}; it is set in the server's file.",
        definition.name
    );
    Err(Refusal::new(ResponseError::InvalidRequest, message))
}

/// What the entry is where it is not set.
fn inherited(broker: &Broker, target: &Target, definition: &Definition) -> Option<Value> {
    match target {
        Target::Other(Resource::Cluster | Resource::Node) => {
            broker.settings.layers().broker(definition)
        }
        _ => broker.settings.inherited(definition),
    }
}

/// Fails unless a group's own times lie within the broker's limits.
fn check_group(broker: &Broker, entries: &Entries) -> Result<(), Refusal> {
    let limits = [
        (
            "consumer.session.timeout.ms",
            "group.consumer.min.session.timeout.ms",
            "group.consumer.max.session.timeout.ms",
        ),
        (
            "consumer.heartbeat.interval.ms",
            "group.consumer.min.heartbeat.interval.ms",
            "group.consumer.max.heartbeat.interval.ms",
        ),
    ];
    for (name, min, max) in limits {
        let set = entries.get(name).and_then(|text| text.parse::<i64>().ok());
        let (from, to) = (broker.settings.number(min), broker.settings.number(max));
        if set.is_some_and(|number| !(from..=to).contains(&number)) {
            let message = format!("{name} must lie between {min}={from} and {max}={to}.");
            return Err(Refusal::new(ResponseError::InvalidConfig, message));
        }
    }
    Ok(())
}

/// Fails unless the clients of a subscription are chosen by attributes they have.
fn check_match(entries: &Entries) -> Result<(), Refusal> {
    let chosen = entries.get("match").into_iter().flat_map(|text| text.split(','));
    for pattern in chosen.filter(|pattern| !pattern.is_empty()) {
        let attribute = pattern.split_once('=').map(|(attribute, _)| attribute.trim());
        if !attribute.is_some_and(|attribute| MATCHED.contains(&attribute)) {
            let message = format!("Illegal client matching pattern: {pattern}");
            return Err(Refusal::new(ResponseError::InvalidConfig, message));
        }
    }
    Ok(())
}

/// A change that sets `name`; without a value it is refused.
pub(super) fn set(name: &str, value: Option<&str>) -> Result<Change, Refusal> {
    of(name, Operation::Set, value)
}

/// A change; only a deletion needs no value.
pub(super) fn of(name: &str, operation: Operation, value: Option<&str>) -> Result<Change, Refusal> {
    if operation != Operation::Delete && value.is_none() {
        let message = format!("Null value not supported for : {name}");
        return Err(Refusal::new(ResponseError::InvalidRequest, message));
    }
    let value = value.unwrap_or_default().to_owned();
    Ok(Change { name: name.to_owned(), operation, value })
}
