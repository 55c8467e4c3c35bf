//! Push queries, PRINT, rows inserted as JSON, the plan cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use commitlog::{Append, Commit, Log};
use types::TopicPartition;

use super::node::{Disk, Node, all_rows, row_text, wait_until};
use crate::{Answer, Entity, ErrorCode, FinalMessage, Next, NextLines, QueryKind, Request};

const PATIENCE: Duration = Duration::from_secs(20);

fn node(disk: &Disk) -> Node {
    let node = disk.start(&[
        ("ksql.max.push.queries", "2"),
        // A row that comes and goes within a batch is seen.
        ("cache.max.bytes.buffering", "0"),
    ]);
    node.run(
        "CREATE STREAM sales (shop STRING KEY, amount INTEGER)
         WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    node
}

#[test]
fn a_push_query_goes_on_until_its_limit() {
    let disk = Disk::new();
    let node = node(&disk);
    node.run("INSERT INTO sales VALUES ('a', 1);");
    let mut answer = node.query("SELECT amount, shop FROM sales EMIT CHANGES LIMIT 2;");
    assert!(answer.head.is_push);
    let Next::Rows(rows) = answer.next(PATIENCE) else { panic!("a row was there") };
    assert_eq!(rows.iter().map(row_text).collect::<Vec<_>>(), ["1, 'a'"]);
    assert_eq!(answer.try_next(), Next::Nothing);
    let woken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&woken);
    answer.on_rows(Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    node.run("INSERT INTO sales VALUES ('b', 2); INSERT INTO sales VALUES ('c', 3);");
    wait_until(|| woken.load(Ordering::SeqCst) > 0);
    let Next::Rows(rows) = answer.next(PATIENCE) else { panic!("a row was there") };
    assert_eq!(rows.iter().map(row_text).collect::<Vec<_>>(), ["2, 'b'"]);
    assert_eq!(answer.next(PATIENCE), Next::End(Some(FinalMessage::LimitReached)));
}

#[test]
fn records_without_value_are_no_rows_of_a_stream() {
    let disk = Disk::new();
    let node = node(&disk);
    let mut batch = records::Builder::new(records::Compression::None);
    batch.append(1, Some(b"a"), None, &[]);
    batch.append(2, Some(b"b"), Some(b"{}"), &[]);
    let append = Append { partition: TopicPartition::new("sales", 0), batch: batch.build() };
    disk.log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("it fits");
    let mut answer = node.query("SELECT shop FROM sales EMIT CHANGES LIMIT 1;");
    assert_eq!(all_rows(&mut answer), ["'b'"]);
    assert_eq!(node.rows("SELECT shop FROM sales;"), ["'b'"]);
}

#[test]
fn a_push_query_over_a_table_shows_changes_and_deletions() {
    let disk = Disk::new();
    let node = node(&disk);
    node.run(
        "CREATE TABLE few AS SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop
             HAVING COUNT(*) < 2;",
    );
    node.run("INSERT INTO sales VALUES ('a', 1); INSERT INTO sales VALUES ('a', 1);");
    node.settle();
    let mut answer = node.query("SELECT n, shop FROM few EMIT CHANGES LIMIT 2;");
    assert_eq!(all_rows(&mut answer), ["1, 'a'", "deleted: NULL, 'a'"]);
}

#[test]
fn push_queries_end_with_their_reader_and_are_counted() {
    let disk = Disk::new();
    let node = node(&disk);
    let select = "SELECT * FROM sales EMIT CHANGES;";
    let first = node.query(select);
    let mut second = node.query(select);
    let failure = node.engine.query(&Request::new(select)).expect_err("two are the most");
    assert_eq!(failure.code(), ErrorCode::MaxPushQueries);
    drop(first);
    let third = node.query(select);
    node.run(&format!("TERMINATE {};", second.head.query_id));
    assert_eq!(second.next(PATIENCE), Next::End(None));
    assert!(node.engine.close_query(&third.head.query_id));
    assert!(!node.engine.close_query(&third.head.query_id));
    assert_eq!(node.engine.metrics().push_queries, 0);
}

#[test]
fn a_push_query_breaks_off_when_its_topic_goes() {
    let disk = Disk::new();
    let node = node(&disk);
    let mut answer = node.query("SELECT * FROM sales EMIT CHANGES;");
    node.run("DROP STREAM sales DELETE TOPIC;");
    let expected = "The source SALES was dropped and its topic deleted";
    assert_eq!(answer.next(PATIENCE), Next::Failed(expected.to_owned()));
    assert_eq!(node.engine.metrics().push_queries, 0);
}

#[test]
fn a_cached_plan_holds_until_the_definitions_change() {
    let disk = Disk::new();
    let node = node(&disk);
    node.run("CREATE TABLE t AS SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop;");
    node.run("INSERT INTO sales VALUES ('a', 1);");
    node.settle();
    let select = "SELECT * FROM t WHERE shop = 'a';";
    for _ in 0..3 {
        assert_eq!(node.rows(select), ["'a', 1"]);
    }
    node.run("DROP TABLE t;");
    let failure = node.engine.query(&Request::new(select)).expect_err("the table is gone");
    assert!(failure.message().contains("T does not exist"), "{}", failure.message());
}

#[test]
fn a_pull_query_is_explained_as_one() {
    let disk = Disk::new();
    let node = node(&disk);
    node.run("CREATE TABLE t AS SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop;");
    let answers = node.run("EXPLAIN SELECT * FROM t WHERE shop = 'a';");
    let [Answer { entity: Entity::QueryDescription(query), .. }] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert_eq!((query.listing.kind, query.listing.state.as_str()), (QueryKind::Pull, ""));
}

#[test]
fn print_guesses_formats_and_follows_the_topic() {
    let disk = Disk::new();
    let node = node(&disk);
    node.run("INSERT INTO sales (rowtime, shop, amount) VALUES (1000, 'a', 1);");
    let request = Request::new("PRINT sales FROM BEGINNING LIMIT 2;");
    let mut answer = node.engine.print(&request).expect("the topic exists");
    let NextLines::Lines(lines) = answer.next(PATIENCE) else { panic!("a record was there") };
    assert_eq!(
        lines,
        [
            "Key format: KAFKA_STRING",
            "Value format: JSON or KAFKA_STRING",
            "rowtime: 1970/01/01 00:00:01.000 Z, key: a, value: {\"AMOUNT\":1}, partition: 0",
        ]
    );
    assert_eq!(answer.try_next(), NextLines::Nothing);
    node.run("INSERT INTO sales VALUES ('b', 2);");
    assert!(matches!(answer.next(PATIENCE), NextLines::Lines(lines) if lines.len() == 1));
    assert_eq!(answer.next(PATIENCE), NextLines::End);
}

#[test]
fn rows_given_as_json_are_inserted() {
    let disk = Disk::new();
    let node = node(&disk);
    let insert = |json: &str| {
        let row = serde_json::from_str(json).expect("a JSON object");
        node.engine.insert_row("sales", &row, &Default::default())
    };
    insert(r#"{"shop": "it's", "AMOUNT": 4}"#).expect("it fits");
    assert_eq!(node.rows("SELECT * FROM sales;"), ["'it's', 4"]);
    assert!(insert(r#"{"shop": "x", "colour": "red"}"#).is_err());
    assert!(insert(r#"{"amount": "many"}"#).is_err());
}
