//! What administrators ask.

use commitlog::{Append, Commit, Log as _, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic,
};
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, DescribeProducersRequest, DescribeTransactionsRequest,
    ListTransactionsRequest, TransactionalId, WriteTxnMarkersRequest,
};
use kafka_protocol::protocol::StrBytes;
use records::{Builder, Compression};
use types::TopicPartition;

use super::application::{Application, TIMEOUT_MS, TOPIC, Version1, Version2, committed, harness};
use crate::tests::batches::{fill, topic_name};
use crate::tests::harness::{Client, START_MS};

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

async fn list(client: &mut Client, request: ListTransactionsRequest) -> Vec<String> {
    let response = client.ask(2, request).await;
    assert_eq!(response.error_code, 0);
    let ids = response.transaction_states.iter().map(|state| state.transactional_id.to_string());
    ids.collect()
}

#[tokio::test(start_paused = true)]
async fn transactions_are_listed_by_what_they_are_like() {
    let harness = harness();
    let mut open = Application::start(&harness, "orders-1", Version1).await;
    open.send(0, "x").await;
    let mut done = Application::start(&harness, "orders-2", Version1).await;
    done.send(0, "x").await;
    assert_eq!(done.end(true).await, 0);
    let idle = Application::start(&harness, "bills-1", Version1).await;
    let mut client = harness.client();
    let all = ListTransactionsRequest::default;
    assert_eq!(list(&mut client, all()).await, ["bills-1", "orders-1", "orders-2"]);
    let ongoing = all().with_state_filters(vec![text("Ongoing")]);
    assert_eq!(list(&mut client, ongoing).await, ["orders-1"]);
    let by_producer = all().with_producer_id_filters(vec![idle.producer.id.into()]);
    assert_eq!(list(&mut client, by_producer).await, ["bills-1"]);
    let by_pattern = all().with_transactional_id_pattern(Some(text("orders-.")));
    assert_eq!(list(&mut client, by_pattern).await, ["orders-1", "orders-2"]);
    let partial = all().with_transactional_id_pattern(Some(text("orders")));
    assert!(list(&mut client, partial).await.is_empty(), "a pattern is for the whole id");
    let long = all().with_duration_filter(10_000).with_state_filters(vec![text("Ongoing")]);
    assert!(list(&mut client, long.clone()).await.is_empty());
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(list(&mut client, long).await, ["orders-1"]);
    let unknown = all().with_state_filters(vec![text("Nonsense"), text("Dead")]);
    let response = client.ask(0, unknown).await;
    assert_eq!(response.unknown_state_filters, [text("Nonsense")]);
    assert!(response.transaction_states.is_empty());
    let broken = all().with_transactional_id_pattern(Some(text("a)(b")));
    let response = client.ask(2, broken).await;
    assert_eq!(response.error_code, ResponseError::InvalidRegularExpression.code());
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_described() {
    let harness = harness();
    let mut open = Application::start(&harness, "app", Version2).await;
    open.send(0, "x").await;
    open.send(2, "x").await;
    let mut client = harness.client();
    let ids = ["app", "unknown", ""].map(|id| TransactionalId(text(id)));
    let request = DescribeTransactionsRequest::default().with_transactional_ids(ids.into());
    let response = client.ask(0, request).await;
    let [app, unknown, empty] = &response.transaction_states[..] else { panic!("three answers") };
    assert_eq!(app.error_code, 0);
    assert_eq!(app.transaction_state.as_str(), "Ongoing");
    assert_eq!(app.transaction_timeout_ms, TIMEOUT_MS);
    assert!(app.transaction_start_time_ms >= START_MS);
    assert_eq!((app.producer_id.0, app.producer_epoch), (open.producer.id, open.producer.epoch));
    assert_eq!((app.topics[0].topic.as_str(), &app.topics[0].partitions), (TOPIC, &vec![0, 2]));
    assert_eq!(unknown.error_code, ResponseError::TransactionalIdNotFound.code());
    assert_eq!(empty.error_code, ResponseError::InvalidRequest.code());
}

#[tokio::test(start_paused = true)]
async fn a_stray_transaction_is_found_and_aborted() {
    let harness = harness();
    let producer = Producer { id: 900, epoch: 2 };
    let builder = Builder::new(Compression::None).producer(producer.id, producer.epoch, 0);
    let batch = fill(builder.transactional(), &["stray"]);
    let append = Append { partition: TopicPartition::new(TOPIC, 0), batch };
    let commit = Commit { appends: vec![append], ..Commit::default() };
    harness.broker.log.commit(commit).expect("the log asks no coordinator");
    let mut client = harness.client();
    let topic =
        TopicRequest::default().with_name(topic_name(TOPIC)).with_partition_indexes(vec![0, 9]);
    let request = DescribeProducersRequest::default().with_topics(vec![topic]);
    let response = client.ask(0, request.clone()).await;
    let [found, missing] = &response.topics[0].partitions[..] else { panic!("two partitions") };
    assert_eq!(missing.error_code, ResponseError::UnknownTopicOrPartition.code());
    let state = &found.active_producers[0];
    assert_eq!((state.producer_id.0, state.producer_epoch), (900, 2));
    assert_eq!((state.last_sequence, state.current_txn_start_offset), (0, 0));
    let topic = WritableTxnMarkerTopic::default()
        .with_name(topic_name(TOPIC))
        .with_partition_indexes(vec![0, 9]);
    let marker = WritableTxnMarker::default()
        .with_producer_id(producer.id.into())
        .with_producer_epoch(producer.epoch)
        .with_topics(vec![topic]);
    let request_markers = WriteTxnMarkersRequest::default().with_markers(vec![marker]);
    let response = client.ask(1, request_markers).await;
    let codes: Vec<i16> =
        response.markers[0].topics[0].partitions.iter().map(|p| p.error_code).collect();
    assert_eq!(codes, [0, ResponseError::UnknownTopicOrPartition.code()]);
    assert_eq!(committed(&harness, 0).await, (vec![], false));
    let response = client.ask(0, request).await;
    assert_eq!(response.topics[0].partitions[0].active_producers[0].current_txn_start_offset, -1);
}

#[tokio::test(start_paused = true)]
async fn brokers_may_ask_whether_partitions_belong_to_a_transaction() {
    let harness = harness();
    let mut open = Application::start(&harness, "app", Version1).await;
    open.send(0, "x").await;
    let transaction = |id: &str, producer: Producer| {
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(topic_name(TOPIC))
            .with_partitions(vec![0, 1]);
        AddPartitionsToTxnTransaction::default()
            .with_transactional_id(TransactionalId(text(id)))
            .with_producer_id(producer.id.into())
            .with_producer_epoch(producer.epoch)
            .with_verify_only(true)
            .with_topics(vec![topic])
    };
    let stranger = Producer { id: open.producer.id, epoch: 99 };
    let request = AddPartitionsToTxnRequest::default()
        .with_transactions(vec![transaction("app", open.producer), transaction("app", stranger)]);
    let response = harness.client().ask(5, request).await;
    let codes: Vec<Vec<i16>> = response
        .results_by_transaction
        .iter()
        .map(|result| {
            let partitions = &result.topic_results[0].results_by_partition;
            partitions.iter().map(|partition| partition.partition_error_code).collect()
        })
        .collect();
    let fenced = ResponseError::ProducerFenced.code();
    assert_eq!(codes, [vec![0, ResponseError::TransactionAbortable.code()], vec![fenced, fenced]]);
}
