//! What happens by itself: transactions that take too long, ids that nobody uses.

use std::time::Duration;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use testkit::disk::Crash;

use super::application::{Application, TIMEOUT_MS, TOPIC, Version1, Version2, committed, harness};
use crate::Config;
use crate::tests::harness::Harness;
use crate::transactions::State;

const TIMEOUT: Duration = Duration::from_millis(TIMEOUT_MS as u64);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(start_paused = true)]
async fn readers_wait_no_longer_than_the_timeout() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        application.send(0, "slow").await;
        tokio::time::sleep(TIMEOUT - Duration::from_secs(1)).await;
        assert_eq!(committed(&harness, 0).await, (vec![], true));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(committed(&harness, 0).await, (vec![], false));
        assert_eq!(application.write(0, "more").await, ResponseError::InvalidProducerEpoch.code());
        match speaks {
            Version1 => {
                assert_eq!(application.end(true).await, ResponseError::ProducerFenced.code());
            }
            Version2 => {
                assert_eq!(application.end(true).await, ResponseError::InvalidTxnState.code());
                assert_eq!(application.end(false).await, 0);
                application.send(0, "next").await;
                assert_eq!(application.end(true).await, 0);
                assert_eq!(committed(&harness, 0).await, (vec!["next".to_owned()], false));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_transaction_has_its_own_time() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    for round in 0..5 {
        application.send(0, &format!("{round}")).await;
        tokio::time::sleep(TIMEOUT * 2 / 3).await;
        assert_eq!(application.end(true).await, 0, "round {round}");
    }
    assert_eq!(committed(&harness, 0).await.0.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_the_time() {
    let mut harness = harness();
    let mut application = Application::start(&harness, "app", Version1).await;
    application.send(0, "slow").await;
    tokio::time::sleep(TIMEOUT / 2).await;
    harness.crash(Crash::LoseUnsynced);
    assert_eq!(committed(&harness, 0).await, (vec![], true));
    tokio::time::sleep(TIMEOUT / 2 + Duration::from_secs(1)).await;
    assert_eq!(committed(&harness, 0).await, (vec![], false));
    application.reconnect(&harness);
    assert_eq!(application.end(true).await, ResponseError::ProducerFenced.code());
}

#[tokio::test(start_paused = true)]
async fn an_unused_id_is_forgotten() {
    let mut config = Config::default();
    config.properties.insert("transactional.id.expiration.ms".to_owned(), "86400000".to_owned());
    let mut harness = Harness::with_config(config);
    let created = harness.broker.log.create_topic(TOPIC, &commitlog::TopicConfig::default());
    created.expect("a new topic");
    let _unused = Application::start(&harness, "unused", Version1).await;
    let mut used = Application::start(&harness, "used", Version1).await;
    tokio::time::sleep(DAY / 2).await;
    // Silent clients are left long before.
    used.reconnect(&harness);
    used.send(0, "a").await;
    assert_eq!(used.end(true).await, 0);
    tokio::time::sleep(DAY / 2 + Duration::from_secs(1)).await;
    for _ in 0..2 {
        assert!(harness.broker.transactions.slots.find("unused").is_none());
        let used = harness.broker.transactions.slots.find("used").expect("still known");
        assert_eq!(used.state, State::CompleteCommit);
        tokio::time::sleep(Duration::from_secs(1)).await;
        harness.crash(Crash::LoseUnsynced);
    }
    let mut again = Application::start(&harness, "unused", Version1).await;
    again.send(0, "b").await;
    assert_eq!(again.end(true).await, 0);
    assert_eq!(committed(&harness, 0).await.0, ["a", "b"]);
}
