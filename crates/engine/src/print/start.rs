//! Starts a PRINT.

use std::sync::Arc;

use commitlog::Listener;
use formats::sniff::Sniffer;
use sql::ast::{Print, StatementKind};
use types::{TopicPartition, topics};

use super::answer::PrintAnswer;
use super::watch::Watch;
use crate::query::{failed, only_statement};
use crate::statements::Session;
use crate::world::World;
use crate::{Error, ErrorCode, Failure, Request, Result};

/// Starts the only PRINT of `request`.
///
/// # Errors
/// When it is wrong or there is no such topic.
pub fn print(world: &Arc<World>, request: &Request) -> std::result::Result<PrintAnswer, Failure> {
    world.check_open().map_err(|error| failed(error, request))?;
    let session =
        Session::open(&world.properties, request).map_err(|error| failed(error, request))?;
    let parsed = only_statement(request, &session)?;
    let StatementKind::Print(print) = &parsed.statement.kind else {
        let message = "Only PRINT statements print".to_owned();
        return Err(parsed.failed(Error::Refused { code: ErrorCode::BadRequest, message }));
    };
    start(world, print).map_err(|error| parsed.failed(error))
}

fn start(world: &World, print: &Print) -> Result<PrintAnswer> {
    let (log, name) = (&world.services.log, &print.topic.node);
    if topics::is_sealed(name) {
        let message = format!("Cannot print the topic {name}: it is the server's own");
        return Err(Error::bad_statement(message));
    }
    let topic = log.topic(name).ok_or_else(|| unknown_topic(world, name))?;
    let watch = Arc::new(Watch::new(name));
    let listener: Arc<dyn Listener> = Arc::clone(&watch) as Arc<dyn Listener>;
    log.subscribe(Arc::downgrade(&listener));
    let mut positions = Vec::new();
    for partition in 0..topic.config.partitions {
        let at = TopicPartition::new(name.as_str(), partition);
        let offsets = log.offsets(&at)?;
        positions
            .push((at, if print.from_beginning { offsets.start } else { offsets.durable_end }));
    }
    let sniffer = || Sniffer::new(Arc::clone(&world.services.schemas));
    Ok(PrintAnswer {
        log: Arc::clone(log),
        watch,
        positions,
        key: sniffer(),
        value: sniffer(),
        told: None,
        every: print.sampling.map_or(1, |sampling| sampling.every.max(1)),
        seen: 0,
        left: print.limit,
    })
}

fn unknown_topic(world: &World, name: &str) -> Error {
    let topics = world.services.log.topics();
    let similar = topics.iter().find(|topic| topic.name.eq_ignore_ascii_case(name));
    let hint = similar.map(|topic| format!("\nDid you mean {}?", topic.name)).unwrap_or_default();
    Error::bad_statement(format!(
        "Could not find topic '{name}', or the KSQL user does not have permissions to list the \
         topic. Topic names are case-sensitive.{hint}"
    ))
}
