//! Transactions as producers and consumers see them.

use commitlog::{Log as _, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, TransactionalId};
use kafka_protocol::protocol::StrBytes;

use super::application::{Application, TOPIC, Version1, Version2, committed, harness, uncommitted};

#[tokio::test(start_paused = true)]
async fn committed_records_show_together_and_aborted_ones_never() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        for (round, commits) in [true, false, true].into_iter().enumerate() {
            for partition in 0..2 {
                application.send(partition, &format!("{round}a")).await;
                application.send(partition, &format!("{round}b")).await;
            }
            let (shown, waits) = committed(&harness, 0).await;
            assert!(waits, "readers wait before round {round} ends");
            assert!(!shown.contains(&format!("{round}a")));
            assert_eq!(application.end(commits).await, 0);
        }
        for partition in 0..2 {
            let shown = committed(&harness, partition).await;
            assert_eq!(shown, (["0a", "0b", "2a", "2b"].map(str::to_owned).into(), false));
            assert_eq!(uncommitted(&harness, partition).await.len(), 6);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_may_be_repeated() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        application.send(0, "a").await;
        let before = application.producer;
        assert_eq!(application.end(true).await, 0);
        let after = application.producer;
        application.producer = before;
        assert_eq!(application.end(false).await, ResponseError::InvalidTxnState.code());
        assert_eq!(application.end(true).await, 0);
        assert_eq!(application.producer, after);
        assert_eq!(committed(&harness, 0).await, (vec!["a".to_owned()], false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_instance_fences_the_old_one_and_aborts_what_it_left() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut old = Application::start(&harness, "app", speaks).await;
        old.send(0, "left behind").await;
        let mut new = Application::start(&harness, "app", speaks).await;
        assert_eq!(new.producer.id, old.producer.id);
        assert!(new.producer.epoch > old.producer.epoch);
        assert_eq!(committed(&harness, 0).await, (vec![], false), "nobody waits for the old one");
        assert_eq!(old.write(0, "zombie").await, ResponseError::InvalidProducerEpoch.code());
        assert_eq!(old.add(1).await, ResponseError::ProducerFenced.code());
        assert_eq!(old.end(true).await, ResponseError::ProducerFenced.code());
        let expected = old.producer;
        assert_eq!(old.initialise(expected).await, ResponseError::ProducerFenced.code());
        new.send(0, "new").await;
        assert_eq!(new.end(true).await, 0);
        assert_eq!(committed(&harness, 0).await, (vec!["new".to_owned()], false));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_outside_of_a_transaction() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version1).await;
    let refused = ResponseError::InvalidTxnState.code();
    assert_eq!(application.write(0, "before").await, refused);
    application.send(0, "in").await;
    assert_eq!(application.write(1, "other partition").await, refused);
    assert_eq!(application.end(true).await, 0);
    // A batch that was on its way when the transaction ended would never be decided.
    assert_eq!(application.write(0, "late").await, refused);
    assert_eq!(committed(&harness, 0).await, (vec!["in".to_owned()], false));
    assert_eq!(committed(&harness, 1).await, (vec![], false));
}

#[tokio::test(start_paused = true)]
async fn a_batch_from_before_the_end_is_refused_by_its_epoch() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    application.send(0, "in").await;
    let before = application.producer;
    assert_eq!(application.end(true).await, 0);
    assert!(application.producer.epoch > before.epoch);
    application.producer = before;
    assert_eq!(application.write(0, "late").await, ResponseError::InvalidProducerEpoch.code());
    assert_eq!(committed(&harness, 0).await, (vec!["in".to_owned()], false));
}

#[tokio::test(start_paused = true)]
async fn an_abort_without_a_transaction_is_possible_in_version_2_only() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    let before = application.producer;
    assert_eq!(application.end(true).await, ResponseError::InvalidTxnState.code());
    assert_eq!(application.end(false).await, 0);
    assert!(application.producer.epoch > before.epoch);
    let mut older = Application::start(&harness, "older", Version1).await;
    assert_eq!(older.end(false).await, ResponseError::InvalidTxnState.code());
}

#[tokio::test(start_paused = true)]
async fn producer_ids_are_never_given_twice() {
    let mut harness = harness();
    let mut known = std::collections::HashSet::new();
    for _ in 0..3 {
        let mut client = harness.client();
        for version in 0..=5 {
            let request = InitProducerIdRequest::default().with_transactional_id(None);
            let response = client.ask(version, request).await;
            assert_eq!((response.error_code, response.producer_epoch), (0, 0));
            assert!(known.insert(response.producer_id.0));
        }
        harness.crash(testkit::disk::Crash::LoseUnsynced);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_initialised() {
    let harness = harness();
    let mut client = harness.client();
    let mut code = async |id: &'static str, timeout_ms: i32, producer: Producer| {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(TransactionalId(StrBytes::from_static_str(id))))
            .with_transaction_timeout_ms(timeout_ms)
            .with_producer_id(producer.id.into())
            .with_producer_epoch(producer.epoch);
        let response = client.ask(4, request).await;
        assert_eq!((response.producer_id.0, response.producer_epoch), (-1, -1));
        response.error_code
    };
    let nobody = Producer { id: -1, epoch: -1 };
    assert_eq!(code("", 1, nobody).await, ResponseError::InvalidRequest.code());
    let half = Producer { id: 1, epoch: -1 };
    assert_eq!(code("app", 1, half).await, ResponseError::InvalidRequest.code());
    for timeout_ms in [0, -1, 900_001] {
        let refused = ResponseError::InvalidTransactionTimeout.code();
        assert_eq!(code("app", timeout_ms, nobody).await, refused);
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_are_told_that_they_are() {
    let harness = harness();
    let mut application = Application::connect(&harness, "unknown", Version2);
    application.producer = Producer { id: 5, epoch: 0 };
    let refused = ResponseError::InvalidProducerIdMapping.code();
    assert_eq!(application.add(0).await, refused);
    assert_eq!(application.write(0, "x").await, refused);
    assert_eq!(application.end(true).await, refused);
    assert_eq!(application.move_position("g", 0, 1).await, refused);
    assert_eq!(application.add(9).await, ResponseError::UnknownTopicOrPartition.code());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_topic_holds_up_nothing() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        for partition in 0..3 {
            application.send(partition, "gone").await;
        }
        harness.broker.log.delete_topic(TOPIC).expect("it exists");
        assert_eq!(application.end(true).await, 0);
        let config = commitlog::TopicConfig::with_partitions(1);
        harness.broker.log.create_topic(TOPIC, &config).expect("a new topic");
        assert_eq!(committed(&harness, 0).await, (vec![], false));
        application.send(0, "new").await;
        assert_eq!(application.end(true).await, 0);
        assert_eq!(committed(&harness, 0).await, (vec!["new".to_owned()], false));
    }
}
