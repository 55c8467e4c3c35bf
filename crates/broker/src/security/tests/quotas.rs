//! Setting quotas, and being held back by them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use commitlog::TopicConfig;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_client_quotas_request::{EntityData, EntryData, OpData};
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::{
    AlterClientQuotasRequest, ApiKey, DescribeClientQuotasRequest, DescribeClientQuotasResponse,
    FetchResponse,
};
use kafka_protocol::protocol::StrBytes;
use testkit::disk::Crash;
use tokio::time::Instant;

use super::harness;
use crate::context::{RequestContext, Session, Transport};
use crate::security::Authentication;
use crate::tests::batches::{batch, fetch_request, produce, values};
use crate::tests::harness::{Client, Harness};

pub(super) type Named = (&'static str, Option<&'static str>);

pub(super) fn alteration(
    entity: &[Named],
    operations: &[(&'static str, Option<f64>)],
) -> EntryData {
    let part = |(kind, name): &Named| {
        EntityData::default()
            .with_entity_type(StrBytes::from_static_str(kind))
            .with_entity_name(name.map(StrBytes::from_static_str))
    };
    let operation = |(key, value): &(&'static str, Option<f64>)| {
        OpData::default()
            .with_key(StrBytes::from_static_str(key))
            .with_value(value.unwrap_or_default())
            .with_remove(value.is_none())
    };
    EntryData::default()
        .with_entity(entity.iter().map(part).collect())
        .with_ops(operations.iter().map(operation).collect())
}

async fn alter(client: &mut Client, entries: Vec<EntryData>) -> Vec<i16> {
    let request = AlterClientQuotasRequest::default().with_entries(entries);
    client.ask(1, request).await.entries.iter().map(|entry| entry.error_code).collect()
}

async fn describe(
    client: &mut Client,
    components: &[(&'static str, i8, Option<&'static str>)],
    is_strict: bool,
) -> DescribeClientQuotasResponse {
    let component = |(kind, match_type, name): &(&'static str, i8, Option<&'static str>)| {
        ComponentData::default()
            .with_entity_type(StrBytes::from_static_str(kind))
            .with_match_type(*match_type)
            .with_match(name.map(StrBytes::from_static_str))
    };
    let components = components.iter().map(component).collect();
    let request =
        DescribeClientQuotasRequest::default().with_components(components).with_strict(is_strict);
    client.ask(1, request).await
}

fn context(harness: &Harness, user: &str) -> RequestContext {
    assert!(Arc::strong_count(&harness.broker) > 0);
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let authentication = Authentication::proved(user);
    let session = Session::new(9, peer, "L".into(), Transport::Plain, authentication);
    RequestContext {
        api_key: ApiKey::Produce,
        version: 3,
        correlation_id: 0,
        client_id: None,
        session: Arc::new(session),
    }
}

#[tokio::test(start_paused = true)]
async fn quotas_last_and_are_found_by_filters() {
    let mut harness = harness(&[]);
    let mut client = harness.client();
    let entries = vec![
        alteration(&[("user", Some("u"))], &[("producer_byte_rate", Some(100.0))]),
        alteration(
            &[("user", None), ("client-id", Some("c"))],
            &[("request_percentage", Some(0.5))],
        ),
        alteration(&[("ip", Some("10.0.0.1"))], &[("connection_creation_rate", Some(3.0))]),
        alteration(&[("ip", Some("nowhere"))], &[("connection_creation_rate", Some(3.0))]),
        alteration(&[("ip", None)], &[("producer_byte_rate", Some(3.0))]),
        alteration(&[("user", Some("v"))], &[("producer_byte_rate", Some(0.5))]),
        alteration(&[("user", Some("w"))], &[("unknown", Some(1.0))]),
        alteration(&[], &[]),
        alteration(&[("group", Some("g"))], &[]),
        alteration(&[("user", Some("u"))], &[("consumer_byte_rate", Some(1.0))]),
    ];
    let invalid = ResponseError::InvalidRequest.code();
    let codes = alter(&mut client, entries).await;
    assert_eq!(codes[..3], [0, 0, 0]);
    assert!(codes[3..].iter().all(|code| *code == invalid), "{codes:?}");

    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let mut count = async |components: &[_], is_strict| {
        let answer = describe(&mut client, components, is_strict).await;
        answer.entries.map(|entries| entries.len())
    };
    assert_eq!(count(&[], false).await, Some(3));
    assert_eq!(count(&[("user", 2, None)], false).await, Some(2));
    assert_eq!(count(&[("user", 2, None)], true).await, Some(1));
    assert_eq!(count(&[("user", 0, Some("u"))], true).await, Some(1));
    assert_eq!(count(&[("user", 1, None), ("client-id", 0, Some("c"))], true).await, Some(1));
    assert_eq!(count(&[("ip", 2, None)], false).await, Some(1));
    for wrong in
        [&[("user", 0, None)][..], &[("ip", 2, None), ("user", 2, None)], &[("x", 2, None)]]
    {
        assert_eq!(count(wrong, false).await, None);
    }

    let gone = alteration(&[("user", Some("u"))], &[("producer_byte_rate", None)]);
    assert_eq!(alter(&mut client, vec![gone]).await, [0]);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let left = describe(&mut client, &[("user", 0, Some("u"))], false).await;
    assert_eq!(left.entries.map(|entries| entries.len()), Some(0));
}

#[tokio::test(start_paused = true)]
async fn validation_alone_changes_nothing() {
    let harness = harness(&[]);
    let mut client = harness.client();
    let entry = alteration(&[("user", Some("u"))], &[("producer_byte_rate", Some(100.0))]);
    let request =
        AlterClientQuotasRequest::default().with_entries(vec![entry]).with_validate_only(true);
    assert_eq!(client.ask(1, request).await.entries[0].error_code, 0);
    let known = describe(&mut client, &[], false).await;
    assert_eq!(known.entries.map(|entries| entries.len()), Some(0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_over_its_quota_waits() {
    let harness = harness(&[]);
    let security = &harness.broker.security;
    let greedy = context(&harness, "greedy");
    assert_eq!(security.produced(&greedy, 1 << 30), 0);
    let entry = alteration(&[("user", Some("greedy"))], &[("producer_byte_rate", Some(1000.0))]);
    alter(&mut harness.client(), vec![entry]).await;
    assert_eq!(security.produced(&greedy, 10_000), 0);
    assert_eq!(security.produced(&greedy, 500), 500);
    assert_eq!(security.fetched(&greedy, 1 << 30), 0);
    assert_eq!(security.produced(&context(&harness, "modest"), 1 << 30), 0);
    let began = Instant::now();
    assert_eq!(security.held_back_ms(&greedy), 500);
    greedy.session.hold_back.wait(harness.broker.clock.as_ref()).await;
    assert_eq!(began.elapsed(), Duration::from_millis(500));
    greedy.session.hold_back.wait(harness.broker.clock.as_ref()).await;
    assert_eq!(began.elapsed(), Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_reader_over_its_quota_is_given_the_wait_instead_of_records() {
    let harness = harness(&[("max.incremental.fetch.session.cache.slots", "1")]);
    harness.create_topic("t", &TopicConfig::with_partitions(1)).unwrap();
    let mut client = harness.client();
    let value = "x".repeat(300);
    for _ in 0..2 {
        produce(&mut client, "t", 0, batch(&[&value])).await;
    }
    // The records of ten seconds may come at once, which is one of the two batches.
    let entry = alteration(&[("client-id", Some("test"))], &[("consumer_byte_rate", Some(100.0))]);
    alter(&mut client, vec![entry]).await;
    let records = |response: &FetchResponse| {
        let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.flat_map(|partition| values(partition.records.as_ref().unwrap())).count()
    };
    let all = fetch_request("t", &[(0, 0)]);
    let first = client.ask(12, all).await;
    assert_eq!((records(&first), first.throttle_time_ms), (1, 0));
    let rest = fetch_request("t", &[(0, 1)]).with_session_epoch(0);
    let held_back = client.ask(12, rest.clone()).await;
    assert_eq!((held_back.error_code, held_back.session_id), (0, 0));
    assert_eq!(held_back.responses, []);
    let throttle = Duration::from_millis(held_back.throttle_time_ms as u64);
    assert!(throttle > Duration::from_secs(3) && throttle < Duration::from_secs(10));
    let began = Instant::now();
    // The session that was not told of has left its place to this one.
    let second = client.ask(12, rest).await;
    assert!(began.elapsed() >= throttle);
    assert_eq!((records(&second), second.throttle_time_ms), (1, 0));
    assert_ne!(second.session_id, 0);
    // What a session has to tell it still has to tell after the wait.
    produce(&mut client, "t", 0, batch(&[&value])).await;
    let more = fetch_request("t", &[(0, 2)]).with_session_id(second.session_id);
    let held_back = client.ask(12, more.clone().with_session_epoch(1)).await;
    assert_eq!((held_back.responses.len(), held_back.session_id), (0, second.session_id));
    assert!(held_back.throttle_time_ms > 0);
    let third = client.ask(12, more.with_session_epoch(2)).await;
    assert_eq!(records(&third), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_threads_busy_waits_a_second_at_most() {
    let harness = harness(&[]);
    let security = &harness.broker.security;
    let busy = context(&harness, "busy");
    assert!(!security.times_requests());
    let entry = alteration(&[("user", None)], &[("request_percentage", Some(50.0))]);
    alter(&mut harness.client(), vec![entry]).await;
    assert!(security.times_requests());
    security.worked(&busy, Duration::from_secs(5));
    assert_eq!(security.held_back_ms(&busy), 0);
    security.worked(&busy, Duration::from_millis(100));
    assert_eq!(security.held_back_ms(&busy), 200);
    security.worked(&busy, Duration::from_secs(60));
    assert_eq!(security.held_back_ms(&busy), 1000);
}
