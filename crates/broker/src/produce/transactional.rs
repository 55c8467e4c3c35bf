//! Batches that belong to a transaction: the coordinator is asked, and nothing ends the transaction
//! between its answer and the append.

use std::collections::HashMap;

use commitlog::{CommitId, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ProduceRequest;
use types::TopicPartition;

use super::appending::Appender;
use super::partition::{Partition, Refusal};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};
use crate::transactions::{Membership, Verified, Write};

/// Appends the admitted ones of `partitions`, within the transaction of `request` as far as they say
/// they are part of one. Returns what [`Appender::append`] does.
pub(super) fn append(
    broker: &Broker,
    context: &RequestContext,
    request: &ProduceRequest,
    mut appender: Appender<'_>,
    partitions: &mut [Partition],
) -> Option<CommitId> {
    let (places, producers) = transactional(partitions);
    let Some(producer) = producers.first().copied() else { return appender.append(partitions) };
    let allows =
        |id: &str| broker.security.allows(context, Operation::Write, Resource::TransactionalId(id));
    let transactional_id = request.transactional_id.as_ref().map(|id| id.as_str());
    let Some(transactional_id) = transactional_id.filter(|id| allows(id)) else {
        return refuse(partitions, |_| true, ResponseError::TransactionalIdAuthorizationFailed);
    };
    if producers.iter().any(|other| *other != producer) {
        return refuse(partitions, |_| true, ResponseError::InvalidProducerIdMapping);
    }
    let membership = Membership::of_produce(context.version);
    let write = Write { transactional_id, producer, partitions: &places, membership };
    let written = broker.transactions.write_within(&write, |Verified { refused, appends }| {
        let refused: HashMap<TopicPartition, ResponseError> = refused.into_iter().collect();
        for partition in partitions.iter_mut() {
            let code = partition.place().and_then(|at| refused.get(at)).copied();
            if let Some(code) = code.filter(|_| partition.producer().is_some()) {
                partition.refuse(Refusal::of(code));
            }
        }
        appender.first = appends;
        appender.append(partitions)
    });
    match written {
        Ok(last) => last,
        Err(code) => {
            refuse(partitions, |partition| partition.producer().is_some(), code);
            // What is not part of the transaction has nothing to do with it.
            appender.append(partitions)
        }
    }
}

/// Where the transactional ones of `partitions` go, and who writes them.
fn transactional(partitions: &[Partition]) -> (Vec<TopicPartition>, Vec<Producer>) {
    let places = partitions
        .iter()
        .filter_map(|partition| Some((partition.place()?.clone(), partition.producer()?)));
    places.unzip()
}

fn refuse(
    partitions: &mut [Partition],
    which: impl Fn(&Partition) -> bool,
    code: ResponseError,
) -> Option<CommitId> {
    for partition in partitions.iter_mut().filter(|partition| which(partition)) {
        partition.refuse(Refusal::of(code));
    }
    None
}
