//! How many connections are let in.

use std::net::IpAddr;
use std::time::Duration;

use kafka_protocol::messages::AlterClientQuotasRequest;
use tokio::time::timeout;

use super::{harness, quotas};

const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

#[tokio::test(start_paused = true)]
async fn an_address_has_so_many_and_no_more() {
    let properties =
        [("max.connections.per.ip", "1"), ("max.connections.per.ip.overrides", "10.0.0.1:2")];
    let harness = harness(&properties);
    let broker = &harness.broker;
    let first = broker.admit(NEAR).await.expect("the first");
    let turned = broker.admit(NEAR).await.expect_err("one too many");
    assert_eq!(turned.reason, "Too many connections from 127.0.0.1 (maximum = 1)");
    let _far = (broker.admit(FAR).await.expect("the first"), broker.admit(FAR).await.expect("2"));
    assert!(broker.admit(FAR).await.is_err());
    drop(first);
    assert!(broker.admit(NEAR).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn when_all_are_taken_others_wait() {
    let harness = harness(&[("max.connections", "1")]);
    let first = harness.broker.admit(NEAR).await.expect("the first");
    let second = harness.broker.admit(FAR);
    let mut second = std::pin::pin!(second);
    assert!(timeout(Duration::from_secs(60), second.as_mut()).await.is_err());
    drop(first);
    assert!(second.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_address_that_comes_too_often_is_closed_late() {
    let harness = harness(&[]);
    let entry = quotas::alteration(&[("ip", None)], &[("connection_creation_rate", Some(1.0))]);
    let request = AlterClientQuotasRequest::default().with_entries(vec![entry]);
    assert_eq!(harness.client().ask(1, request).await.entries[0].error_code, 0);
    // Ten seconds' worth may come at once.
    for _ in 0..10 {
        assert!(harness.broker.admit(NEAR).await.is_ok());
    }
    let turned = harness.broker.admit(NEAR).await.expect_err("too often");
    assert_eq!(turned.close_after, Duration::from_secs(1));
    assert!(harness.broker.admit(FAR).await.is_ok());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(harness.broker.admit(NEAR).await.is_ok());
}
