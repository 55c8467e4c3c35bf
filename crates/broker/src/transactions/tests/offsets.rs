//! Positions of groups that move with transactions.

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use types::{Offset, TopicPartition};

use super::application::{Application, TOPIC, Version1, Version2, harness};
use crate::tests::harness::Harness;

fn position(harness: &Harness) -> Option<i64> {
    let at = TopicPartition::new(TOPIC, 0);
    harness.broker.log.position("group", &at).map(|Offset(offset)| offset)
}

fn is_pending(harness: &Harness) -> bool {
    !harness.broker.log.pending_offsets("group").is_empty()
}

#[tokio::test(start_paused = true)]
async fn positions_move_with_the_commit_and_not_with_an_abort() {
    for speaks in [Version1, Version2] {
        let harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        for (commits, offset, expected) in [(true, 5, 5), (false, 9, 5), (true, 7, 7)] {
            application.send(1, "output").await;
            if speaks == Version1 {
                assert_eq!(application.add_offsets("group").await, 0);
            }
            let before = position(&harness);
            assert_eq!(application.move_position("group", 0, offset).await, 0);
            assert_eq!(position(&harness), before);
            assert!(is_pending(&harness));
            assert_eq!(application.end(commits).await, 0);
            assert_eq!(position(&harness), Some(expected));
            assert!(!is_pending(&harness));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn positions_alone_are_a_transaction() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    assert_eq!(application.move_position("group", 0, 3).await, 0);
    assert_eq!(application.end(true).await, 0);
    assert_eq!(position(&harness), Some(3));
}

#[tokio::test(start_paused = true)]
async fn version_1_has_to_announce_them() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version1).await;
    let refused = ResponseError::InvalidTxnState.code();
    assert_eq!(application.move_position("group", 0, 3).await, refused);
    assert_eq!(application.add_offsets("group").await, 0);
    assert_eq!(application.move_position("group", 0, 3).await, 0);
    assert_eq!(application.end(true).await, 0);
    assert_eq!(application.move_position("group", 0, 4).await, refused);
    assert_eq!(position(&harness), Some(3));
}

#[tokio::test(start_paused = true)]
async fn announced_positions_need_not_come() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version1).await;
    assert_eq!(application.add_offsets("group").await, 0);
    assert_eq!(application.end(true).await, 0);
    assert_eq!(position(&harness), None);
}

#[tokio::test(start_paused = true)]
async fn a_zombie_moves_nothing() {
    let harness = harness();
    let mut old = Application::start(&harness, "app", Version2).await;
    assert_eq!(old.move_position("group", 0, 3).await, 0);
    let mut new = Application::start(&harness, "app", Version2).await;
    let fenced = ResponseError::InvalidProducerEpoch.code();
    assert_eq!(old.move_position("group", 0, 4).await, fenced);
    assert!(!is_pending(&harness));
    assert_eq!(new.move_position("group", 0, 8).await, 0);
    assert_eq!(new.end(true).await, 0);
    assert_eq!(position(&harness), Some(8));
}

#[tokio::test(start_paused = true)]
async fn unknown_partitions_have_no_positions() {
    let harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    let refused = ResponseError::UnknownTopicOrPartition.code();
    assert_eq!(application.move_position("group", 77, 3).await, refused);
}
