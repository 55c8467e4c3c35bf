//! AddPartitionsToTxn: takes partitions into a transaction before they are written to. Up to version 3
//! the request is a client's, about one transaction. From version 4 on it is meant for brokers, about
//! many, and may only ask whether the partitions belong to it.

use std::collections::HashSet;
use std::sync::Arc;

use commitlog::{Log as _, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::{AddPartitionsToTxnRequest, AddPartitionsToTxnResponse};
use kafka_protocol::protocol::StrBytes;
use types::TopicPartition;

use super::Coordinator;
use super::requests::{code, settled};
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};
use crate::{Broker, topics};

/// From this version on, clients know of `PRODUCER_FENCED`.
const FENCED_VERSION_MIN: i16 = 2;
/// From this version on the request holds many transactions.
const BATCHED_VERSION_MIN: i16 = 4;

/// A partition with what became of it.
type Added = (TopicPartition, Option<ResponseError>);

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    let response = AddPartitionsToTxnResponse::default();
    if context.version < BATCHED_VERSION_MIN {
        let transaction = AddPartitionsToTxnTransaction::default()
            .with_transactional_id(request.v3_and_below_transactional_id)
            .with_producer_id(request.v3_and_below_producer_id)
            .with_producer_epoch(request.v3_and_below_producer_epoch)
            .with_topics(request.v3_and_below_topics);
        let results = add(&broker, &context, &transaction).await;
        return response.with_results_by_topic_v3_and_below(results);
    }
    if !broker.security.allows(&context, Operation::ClusterAction, Resource::Cluster) {
        return response.with_error_code(ResponseError::ClusterAuthorizationFailed.code());
    }
    let mut results = Vec::with_capacity(request.transactions.len());
    for transaction in &request.transactions {
        let result = AddPartitionsToTxnResult::default()
            .with_transactional_id(transaction.transactional_id.clone())
            .with_topic_results(add(&broker, &context, transaction).await);
        results.push(result);
    }
    response.with_results_by_transaction(results)
}

async fn add(
    broker: &Broker,
    context: &RequestContext,
    transaction: &AddPartitionsToTxnTransaction,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let id = transaction.transactional_id.as_str();
    let partitions = partitions(&transaction.topics);
    let is_client = context.version < BATCHED_VERSION_MIN;
    if is_client
        && !broker.security.allows(context, Operation::Write, Resource::TransactionalId(id))
    {
        let error = ResponseError::TransactionalIdAuthorizationFailed;
        return results(context.version, all(&partitions, Some(error)));
    }
    if let Some(refused) = refuse(broker, context, is_client, &partitions) {
        return results(context.version, refused);
    }
    if id.is_empty() {
        let error = ResponseError::InvalidRequest;
        return results(context.version, all(&partitions, Some(error)));
    }
    let producer = Producer { id: transaction.producer_id.0, epoch: transaction.producer_epoch };
    let coordinator = &broker.transactions;
    if transaction.verify_only {
        return results(context.version, verify(coordinator, id, producer, &partitions));
    }
    let done = on_disk(|| coordinator.extend(id, producer, &partitions));
    let error = settled(broker, done).await.err();
    results(context.version, all(&partitions, error))
}

fn partitions(topics: &[AddPartitionsToTxnTopic]) -> Vec<TopicPartition> {
    let of_topic = |topic: &AddPartitionsToTxnTopic| {
        let name: Arc<str> = topic.name.as_str().into();
        let at = move |number: &i32| TopicPartition::new(Arc::clone(&name), *number);
        topic.partitions.iter().map(at).collect::<Vec<_>>()
    };
    topics.iter().flat_map(of_topic).collect()
}

/// If one partition may not be written to, none is added: says so of each.
fn refuse(
    broker: &Broker,
    context: &RequestContext,
    is_client: bool,
    partitions: &[TopicPartition],
) -> Option<Vec<Added>> {
    let may_write = |topic: &str| {
        let resource = Resource::Topic(topic);
        !is_client
            || !topics::is_own(topic) && broker.security.allows(context, Operation::Write, resource)
    };
    let names: HashSet<&str> = partitions.iter().map(|at| &*at.topic).collect();
    let forbidden: HashSet<&str> = names.into_iter().filter(|name| !may_write(name)).collect();
    let error = |at: &TopicPartition| {
        if forbidden.contains(&*at.topic) {
            return Some(ResponseError::TopicAuthorizationFailed);
        }
        let topic = broker.log.topic(&at.topic);
        let exists =
            topic.is_some_and(|topic| (0..topic.config.partitions).contains(&at.partition));
        (!exists).then_some(ResponseError::UnknownTopicOrPartition)
    };
    let refused: Vec<Added> = partitions.iter().map(|at| (at.clone(), error(at))).collect();
    if refused.iter().all(|(_, error)| error.is_none()) {
        return None;
    }
    let others = ResponseError::OperationNotAttempted;
    Some(refused.into_iter().map(|(at, error)| (at, error.or(Some(others)))).collect())
}

fn verify(
    coordinator: &Coordinator,
    id: &str,
    producer: Producer,
    partitions: &[TopicPartition],
) -> Vec<Added> {
    match coordinator.outside(id, producer, partitions, ResponseError::TransactionAbortable) {
        Err(error) => all(partitions, Some(error)),
        Ok(outside) => {
            let outside: std::collections::HashMap<_, _> = outside.into_iter().collect();
            partitions.iter().map(|at| (at.clone(), outside.get(at).copied())).collect()
        }
    }
}

fn all(partitions: &[TopicPartition], error: Option<ResponseError>) -> Vec<Added> {
    partitions.iter().map(|at| (at.clone(), error)).collect()
}

/// The partitions again by topic, in the order of the request.
fn results(version: i16, added: Vec<Added>) -> Vec<AddPartitionsToTxnTopicResult> {
    let mut results: Vec<AddPartitionsToTxnTopicResult> = Vec::new();
    for (at, error) in added {
        let code = error.map_or(0, |error| code(error, version, FENCED_VERSION_MIN));
        let result = AddPartitionsToTxnPartitionResult::default()
            .with_partition_index(at.partition)
            .with_partition_error_code(code);
        match results.last_mut().filter(|last| last.name.as_str() == &*at.topic) {
            Some(topic) => topic.results_by_partition.push(result),
            None => results.push(
                AddPartitionsToTxnTopicResult::default()
                    .with_name(StrBytes::from_string(at.topic.to_string()).into())
                    .with_results_by_partition(vec![result]),
            ),
        }
    }
    results
}
