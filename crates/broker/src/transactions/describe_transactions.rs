//! DescribeTransactions: how transactional ids stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState};
use kafka_protocol::messages::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use super::transaction::Transaction;
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeTransactionsRequest,
) -> DescribeTransactionsResponse {
    let describe = |id| describe(&broker, &context, id);
    let states = on_disk(|| request.transactional_ids.iter().map(describe).collect());
    DescribeTransactionsResponse::default().with_transaction_states(states)
}

fn describe(broker: &Broker, context: &RequestContext, id: &TransactionalId) -> TransactionState {
    let state = TransactionState::default().with_transactional_id(id.clone());
    if !broker.security.allows(context, Operation::Describe, Resource::TransactionalId(id)) {
        return state.with_error_code(ResponseError::TransactionalIdAuthorizationFailed.code());
    }
    if id.is_empty() {
        return state.with_error_code(ResponseError::InvalidRequest.code());
    }
    let Some(found) = broker.transactions.slots.find(id) else {
        return state.with_error_code(ResponseError::TransactionalIdNotFound.code());
    };
    state
        .with_transaction_state(StrBytes::from_static_str(found.state.name()))
        .with_transaction_timeout_ms(found.timeout_ms)
        .with_transaction_start_time_ms(found.start_ms)
        .with_producer_id(found.producer.id.into())
        .with_producer_epoch(found.producer.epoch)
        .with_topics(topics(broker, context, &found))
}

/// The transaction's partitions, as far as the client may know of them.
fn topics(broker: &Broker, context: &RequestContext, found: &Transaction) -> Vec<TopicData> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in &found.partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    let may_know =
        |topic: &str| broker.security.allows(context, Operation::Describe, Resource::Topic(topic));
    topics.retain(|topic, _| may_know(topic));
    let data = |(topic, partitions): (&str, Vec<i32>)| {
        TopicData::default()
            .with_topic(StrBytes::from_string(topic.to_owned()).into())
            .with_partitions(partitions)
    };
    topics.into_iter().map(data).collect()
}
