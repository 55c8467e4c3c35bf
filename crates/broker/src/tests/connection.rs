//! What holds for every connection, whatever is asked.

use std::sync::atomic::Ordering;
use std::time::Duration;

use commitlog::{Log as _, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, FetchRequest, ProduceRequest,
};
use kafka_protocol::protocol::{Decodable as _, StrBytes};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::batches::{batch, fetch_request, produce, produce_request};
use super::harness::Harness;
use crate::Config;

fn with_topic() -> Harness {
    let harness = Harness::new();
    harness.broker.log.create_topic("t", &TopicConfig::with_partitions(1)).unwrap();
    harness
}

#[tokio::test(start_paused = true)]
async fn announces_what_it_understands() {
    let harness = Harness::new();
    let mut client = harness.client();
    for version in 0..=4 {
        let request = match version {
            0..=2 => ApiVersionsRequest::default(),
            _ => ApiVersionsRequest::default()
                .with_client_software_name(StrBytes::from_static_str("test"))
                .with_client_software_version(StrBytes::from_static_str("1")),
        };
        let response = client.ask(version, request).await;
        assert_eq!(response.error_code, 0);
        let produce = response.api_keys.iter().find(|api| api.api_key == ApiKey::Produce as i16);
        assert_eq!(produce.expect("announced").max_version, 13);
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_from_the_future_is_answered_in_the_oldest() {
    let harness = Harness::new();
    let mut client = harness.client();
    // API key 18, version 99, correlation id 7, no client id or tags, and bytes nobody knows.
    let frame = [0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff, 0, 1, 2, 3];
    client.stream.write_u32(frame.len() as u32).await.unwrap();
    client.stream.write_all(&frame).await.unwrap();
    let length = client.stream.read_u32().await.unwrap();
    let mut answer = vec![0; length as usize];
    client.stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..4], [0, 0, 0, 7]);
    let response = ApiVersionsResponse::decode(&mut &answer[4..], 0).unwrap();
    assert_eq!(response.error_code, ResponseError::UnsupportedVersion.code());
    assert!(!response.api_keys.is_empty());
}

#[tokio::test(start_paused = true)]
async fn malformed_frames_close_their_connection_only() {
    let harness = Harness::new();
    let mut healthy = harness.client();
    let frames: [&[u8]; 5] = [
        &[0xff, 0xff, 0xff, 0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0, 0, 0, 2, 0, 18],
        &[0, 0, 0, 10, 0x7f, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff],
        &[0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff],
    ];
    for frame in frames {
        let mut broken = harness.client();
        broken.stream.write_all(frame).await.unwrap();
        let mut rest = Vec::new();
        broken.stream.read_to_end(&mut rest).await.unwrap();
        assert!(rest.is_empty(), "{frame:?} was answered");
        broken.connection.await.unwrap();
    }
    healthy.ask(0, ApiVersionsRequest::default()).await;
}

#[tokio::test(start_paused = true)]
async fn answers_keep_the_order_of_requests_behind_a_waiting_fetch() {
    let harness = with_topic();
    let mut client = harness.client();
    let fetch = fetch_request("t", &[(0, 0)]).with_min_bytes(1).with_max_wait_ms(60_000);
    let fetch = client.send(12, &fetch).await;
    let produce = client.send(9, &produce_request("t", -1, &[(0, batch(&["a"]))])).await;
    // The fetch before it is answered by what the produce request has written.
    let fetched = client.receive::<FetchRequest>(12, fetch).await;
    assert!(!fetched.responses[0].partitions[0].records.as_ref().unwrap().is_empty());
    let produced = client.receive::<ProduceRequest>(9, produce).await;
    assert_eq!(produced.responses[0].partition_responses[0].error_code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_left_but_not_one_that_waits() {
    let harness = with_topic();
    let mut silent = harness.client();
    let mut waiting = harness.client();
    let patience_ms = 3_600_000;
    let fetch = fetch_request("t", &[(0, 0)]).with_min_bytes(1).with_max_wait_ms(patience_ms);
    let sent = waiting.send(12, &fetch).await;
    let started = Instant::now();
    let mut rest = Vec::new();
    silent.stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 600);
    waiting.receive::<FetchRequest>(12, sent).await;
    assert_eq!(started.elapsed().as_secs(), 3600);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_left_with_one_answer_in_memory() {
    let harness = with_topic();
    let mut client = harness.client();
    for _ in 0..4 {
        let large = batch(&["x".repeat(60_000).as_str()]);
        produce(&mut client, "t", 0, large).await;
    }
    let before = harness.broker.metrics.fetched_bytes.load(Ordering::Relaxed);
    for _ in 0..20 {
        client.send(12, &fetch_request("t", &[(0, 0)])).await;
    }
    let connection = client.connection;
    connection.await.unwrap();
    let fetched = harness.broker.metrics.fetched_bytes.load(Ordering::Relaxed) - before;
    assert!(fetched < 600_000, "{fetched} bytes were read for a client that reads nothing");
}

#[tokio::test(start_paused = true)]
async fn a_stop_answers_what_is_under_way() {
    let harness = with_topic();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut client = harness.client_until(async move { drop(stopped.await) });
    let produced = client.send(9, &produce_request("t", -1, &[(0, batch(&["a"]))])).await;
    client.receive::<ProduceRequest>(9, produced).await;
    let fetch = fetch_request("t", &[(0, 1)]).with_min_bytes(1).with_max_wait_ms(i32::MAX);
    let sent = client.send(12, &fetch).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.send(()).unwrap();
    let started = Instant::now();
    client.receive::<FetchRequest>(12, sent).await;
    client.connection.await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_promises_much_takes_no_memory_from_others() {
    let config =
        Config { request_bytes_max: 8 << 20, requests_bytes_max: 8 << 20, ..Config::default() };
    let harness = Harness::with_config(config);
    let mut promising = Vec::new();
    for _ in 0..4 {
        let mut client = harness.client();
        client.stream.write_u32(8 << 20).await.unwrap();
        client.stream.write_all(&[0; 100]).await.unwrap();
        promising.push(client);
    }
    let mut client = harness.client();
    client.ask(0, ApiVersionsRequest::default()).await;
    // Two large requests that each need what the other has: one gives way.
    let mut endings = Vec::new();
    for client in promising {
        let (mut reading, mut writing) = tokio::io::split(client.stream);
        endings.push(tokio::spawn(async move {
            let whole = vec![0; (8 << 20) - 100];
            let sending = async move { drop(writing.write_all(&whole).await) };
            let mut rest = Vec::new();
            tokio::join!(sending, reading.read_to_end(&mut rest)).1.unwrap_or(0)
        }));
    }
    for ending in endings {
        assert_eq!(ending.await.unwrap(), 0);
    }
    client.ask(0, ApiVersionsRequest::default()).await;
}
