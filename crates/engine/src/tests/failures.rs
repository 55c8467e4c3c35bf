//! Bad records go to the processing log and stop nothing.

use bytes::Bytes;
use commitlog::{Append, Commit, Log};
use types::TopicPartition;

use super::node::{Disk, wait_until};
use crate::Request;

fn record(key: &str, value: &str) -> Bytes {
    let mut batch = records::Builder::new(records::Compression::None);
    batch.append(5, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
    batch.build()
}

#[test]
fn an_undecodable_record_is_reported_and_can_be_queried() {
    let disk = Disk::new();
    let node = disk.start(&[]);
    node.run(
        "CREATE STREAM sales (shop STRING KEY, amount INTEGER)
             WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=1);
         CREATE STREAM copy AS SELECT * FROM sales;",
    );
    for value in ["{\"AMOUNT\": 1}", "no JSON at all", "{\"AMOUNT\": 2}"] {
        let partition = TopicPartition::new("sales", 0);
        let appends = vec![Append { partition, batch: record("a", value) }];
        disk.log.commit(Commit { appends, ..Commit::default() }).expect("the topic exists");
    }
    node.settle();
    assert_eq!(node.rows("SELECT * FROM copy;"), ["'a', 1", "'a', 2"]);
    let select = "SELECT message->type, message->deserializationError->target
                  FROM ksql_processing_log;";
    wait_until(|| !node.rows(select).is_empty());
    assert_eq!(node.rows(select), ["0, 'value'"]);
    assert_eq!(node.engine.metrics().problems_reported, 1);
}

#[test]
fn a_failed_query_is_tried_again_and_disturbs_no_other() {
    let disk = Disk::new();
    let node = disk.start(&[
        ("ksql.query.retry.backoff.initial.ms", "50"),
        ("ksql.query.retry.backoff.max.ms", "100"),
    ]);
    node.run(
        "CREATE STREAM sales (shop STRING KEY, amount DECIMAL(2, 0))
             WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=1);
         CREATE STREAM copy AS SELECT * FROM sales;
         SET 'ksql.fail.on.deserialization.error'='true';
         CREATE TABLE strict AS SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop;",
    );
    let id = types::QueryId::new("CTAS_STRICT_4");
    let append = |value: &str| {
        let partition = TopicPartition::new("sales", 0);
        let appends = vec![Append { partition, batch: record("a", value) }];
        disk.log.commit(Commit { appends, ..Commit::default() }).expect("the topic exists");
    };
    append("{\"AMOUNT\": 1}");
    node.settle();
    append("no JSON at all");
    append("{\"AMOUNT\": 2}");
    let errors = || node.engine.world().queries.errors(&id);
    wait_until(|| errors().len() > 2);
    assert!(errors()[0].contains("cannot decode the value"), "{:?}", errors());
    let failure = node.engine.query(&Request::new("SELECT * FROM strict;"));
    assert!(failure.is_err(), "a failed query has no table");
    wait_until(|| node.rows("SELECT * FROM copy;").len() == 2);
    node.run("TERMINATE ctas_strict_4; DROP TABLE strict;");
    assert!(errors().is_empty());
}
