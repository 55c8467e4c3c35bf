//! What clients are told of pull queries that would scan, and of push queries: words, codes, columns.

use super::node::{Disk, Node};
use crate::{ErrorCode, Request};

fn node(disk: &Disk) -> Node {
    let node = disk.start(&[
        ("ksql.query.pull.table.scan.enabled", "false"),
        ("ksql.query.push.v2.enabled", "true"),
        ("ksql.query.push.v2.registry.installed", "true"),
        ("auto.offset.reset", "latest"),
    ]);
    node.run(
        "CREATE STREAM sales (shop STRING KEY, amount INTEGER)
             WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=1);
         CREATE TABLE sums AS SELECT shop, SUM(amount) AS total FROM sales GROUP BY shop;
         CREATE TABLE hourly AS SELECT shop, SUM(amount) AS total FROM sales
             WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY shop;",
    );
    node
}

fn refusal(node: &Node, text: &str) -> (ErrorCode, String) {
    let failure = node.engine.query(&Request::new(text)).expect_err("it is refused");
    (failure.code(), failure.message())
}

#[test]
fn a_condition_that_needs_a_scan_is_told_what_it_lacks() {
    let disk = Disk::new();
    let node = node(&disk);
    let cases = [
        ("sums WHERE total > 1", "missing key column for disjunct: (TOTAL > 1)"),
        ("sums WHERE shop = 'a' OR total = 1", "missing key column for disjunct: (TOTAL = 1)"),
        (
            "sums WHERE shop != 'a'",
            "Bound on key columns '[`SHOP` STRING KEY]' must currently be '='",
        ),
        ("sums WHERE shop > 'a' AND shop < 'c'", "cannot be combined with other comparisons"),
        ("sums WHERE shop = CAST(total AS STRING)", "a key column and a resolvable expression"),
        ("hourly WHERE shop > 'a'", "Query requires table scan to be enabled"),
    ];
    for (text, expected) in cases {
        let (code, message) = refusal(&node, &format!("SELECT * FROM {text};"));
        assert!(message.contains(expected), "{text}: {message}");
        assert_eq!(code, ErrorCode::BadStatement);
    }
    for text in ["sums WHERE shop > 'a'", "sums WHERE shop IN ('a', 'b') AND total > 1"] {
        assert!(node.rows(&format!("SELECT * FROM {text};")).is_empty());
    }
}

#[test]
fn push_queries_show_windows_and_are_refused_as_requests() {
    let disk = Disk::new();
    let node = node(&disk);
    let answer = node.query("SELECT * FROM hourly EMIT CHANGES LIMIT 1;");
    let names: Vec<&str> = answer.head.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["SHOP", "WINDOWSTART", "WINDOWEND", "TOTAL"]);
    assert!(answer.head.query_id.starts_with("SCALABLE_PUSH_QUERY_HOURLY_"));
    let answer = node.query("SELECT * FROM sales EMIT CHANGES LIMIT 1;");
    assert!(answer.head.query_id.starts_with("transient_SALES_"));
    let (code, message) = refusal(&node, "SELECT 1 + NULL FROM sales EMIT CHANGES;");
    assert_eq!(code, ErrorCode::BadRequest);
    assert!(message.contains("Arithmetic on types INTEGER and null are not supported."));
    let (code, _) = refusal(&node, "SELECT * FROM nowhere EMIT CHANGES;");
    assert_eq!(code, ErrorCode::BadStatement);
}
