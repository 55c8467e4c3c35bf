//! Answers that come in pieces, and what ends them.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::node::{Peer, Wish, text};

/// Longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

async fn next_piece(body: &mut Incoming) -> String {
    let frame = tokio::time::timeout(PATIENCE, body.frame()).await.expect("a piece in time");
    let data = frame.expect("no end").expect("no failure").into_data().expect("data");
    String::from_utf8(data.to_vec()).expect("text")
}

/// Waits until `SHOW QUERIES` lists `count` queries.
async fn wait_for_queries(peer: &Peer, count: usize) {
    let shown = async {
        loop {
            let wish = Wish::post("/ksql", r#"{"ksql":"SHOW QUERIES;"}"#);
            let answer: serde_json::Value =
                serde_json::from_str(&text(peer.ask(&wish).await).await).expect("JSON");
            let queries = answer[0]["queries"].as_array().expect("an array");
            if queries.len() == count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, shown).await.expect("in time");
}

const CREATE: &str = "CREATE STREAM S (ID BIGINT KEY, C STRING) \
                      WITH (KAFKA_TOPIC='s', PARTITIONS=1, VALUE_FORMAT='JSON');";

fn push(path: &str, member: &str) -> Wish {
    let properties = if member == "sql" { "properties" } else { "streamsProperties" };
    let body = serde_json::json!({
        member: "SELECT * FROM S EMIT CHANGES;", properties: { "auto.offset.reset": "earliest" },
    });
    Wish::post(path, body.to_string())
}

async fn rows_come_as_they_are_inserted(speaks_http2: bool) {
    let peer = Peer::start(speaks_http2).await;
    peer.run(CREATE).await;
    let mut body = peer.ask(&push("/query-stream", "sql")).await.into_body();
    let head: serde_json::Value = serde_json::from_str(&next_piece(&mut body).await).expect("JSON");
    assert_eq!(head["columnNames"], serde_json::json!(["ID", "C"]));
    for id in 1..=2 {
        peer.run(&format!("INSERT INTO S (ID, C) VALUES ({id}, 'x');")).await;
        assert_eq!(next_piece(&mut body).await, format!("[{id},\"x\"]\n"));
    }
    let close = serde_json::json!({ "queryId": head["queryId"] }).to_string();
    assert_eq!(peer.ask(&Wish::post("/close-query", close.clone())).await.status(), 200);
    let rest = tokio::time::timeout(PATIENCE, body.collect()).await.expect("in time");
    assert!(rest.expect("a clean end").to_bytes().is_empty(), "the stream ends");
    assert_eq!(peer.ask(&Wish::post("/close-query", close)).await.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_as_they_are_inserted_over_http1() {
    rows_come_as_they_are_inserted(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_as_they_are_inserted_over_http2() {
    rows_come_as_they_are_inserted(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_query_ends_with_its_client() {
    let peer = Peer::start(false).await;
    peer.run(CREATE).await;
    let mut body = peer.ask(&push("/query", "ksql")).await.into_body();
    assert!(next_piece(&mut body).await.ends_with(",\n"));
    wait_for_queries(&peer, 1).await;
    drop(body);
    wait_for_queries(&peer, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_open_streams() {
    let peer = Peer::start(false).await;
    peer.run(CREATE).await;
    let mut body = peer.ask(&push("/query", "ksql")).await.into_body();
    next_piece(&mut body).await;
    let stopped = peer.server.run(async {});
    tokio::time::timeout(PATIENCE, stopped).await.expect("in time").expect("a clean stop");
    let rest = tokio::time::timeout(PATIENCE, body.collect()).await.expect("in time");
    let rest = rest.expect("a whole body").to_bytes();
    assert_eq!(rest, "{\"finalMessage\":\"Query Completed\"}]\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn inserted_lines_are_acknowledged_in_order() {
    let peer = Peer::start(true).await;
    peer.run(CREATE).await;
    let lines =
        "{\"target\":\"s\"}\n{\"id\":1,\"C\":\"a\"}\n\n{\"ID\":2}\n{\"NOPE\":3}\n{\"ID\":4}\n";
    let answer = text(peer.ask(&Wish::post("/inserts-stream", lines)).await).await;
    let acknowledged: Vec<serde_json::Value> =
        answer.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(acknowledged[0], serde_json::json!({ "status": "ok", "seq": 0 }));
    assert_eq!(acknowledged[1], serde_json::json!({ "status": "ok", "seq": 1 }));
    assert_eq!(acknowledged[2]["status"], "error");
    assert_eq!(acknowledged.len(), 3, "the first error is the last answer: {answer}");
}
