//! What holds for every connection, whatever is asked.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::{Decodable as _, StrBytes};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::harness::Harness;

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
