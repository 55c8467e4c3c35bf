//! What survives a restart: definitions, tables, positions, pauses.

use commitlog::{Commit, Log, Position, TopicConfig};
use types::{Offset, TopicPartition};

use super::node::Disk;

const DEFINITIONS: &str = "
    CREATE STREAM sales (shop STRING KEY, amount INTEGER)
        WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=2);
    CREATE STREAM big AS SELECT * FROM sales WHERE amount > 1;
    CREATE TABLE per_shop AS SELECT shop, COUNT(*) AS n, SUM(amount) AS total FROM sales
        GROUP BY shop;";

#[test]
fn tables_and_positions_survive() {
    let disk = Disk::new();
    let node = disk.start(&[]);
    node.run(DEFINITIONS);
    node.run("INSERT INTO sales VALUES ('a', 1); INSERT INTO sales VALUES ('b', 2);");
    node.settle();
    let cluster_id = node.engine.info().cluster_id;
    node.engine.shut_down();

    let node = disk.start(&[]);
    assert_eq!(node.engine.info().cluster_id, cluster_id);
    assert_eq!(node.rows("SELECT * FROM per_shop;"), ["'a', 1, 1", "'b', 1, 2"]);
    node.run("INSERT INTO sales VALUES ('a', 3);");
    node.settle();
    assert_eq!(node.rows("SELECT * FROM per_shop;"), ["'a', 2, 4", "'b', 1, 2"]);
    assert_eq!(node.rows("SELECT * FROM big;"), ["'a', 3", "'b', 2"], "nothing came twice");
}

#[test]
fn the_state_is_rebuilt_from_the_log_alone() {
    let mut disk = Disk::new();
    let node = disk.start(&[]);
    node.run(DEFINITIONS);
    node.run("INSERT INTO sales VALUES ('a', 1); INSERT INTO sales VALUES ('a', 2);");
    node.settle();
    node.engine.shut_down();

    disk.state = std::sync::Arc::new(state::MemoryBackend::new());
    let node = disk.start(&[]);
    assert_eq!(node.rows("SELECT * FROM per_shop;"), ["'a', 2, 3"]);
}

#[test]
fn terminated_queries_stay_away_and_paused_ones_stay_paused() {
    let disk = Disk::new();
    let node = disk.start(&[("ksql.logging.processing.stream.auto.create", "false")]);
    node.run(DEFINITIONS);
    node.run("TERMINATE csas_big_2; PAUSE ctas_per_shop_3;");
    node.run("INSERT INTO sales VALUES ('a', 5);");
    node.engine.shut_down();

    let node = disk.start(&[("ksql.logging.processing.stream.auto.create", "false")]);
    assert!(node.rows("SELECT * FROM per_shop;").is_empty());
    assert!(node.rows("SELECT * FROM big;").is_empty());
    node.run("RESUME ctas_per_shop_3;");
    node.settle();
    assert_eq!(node.rows("SELECT * FROM per_shop;"), ["'a', 1, 5"]);
    assert!(node.rows("SELECT * FROM big;").is_empty());
}

#[test]
fn leftovers_of_ended_queries_are_removed() {
    let disk = Disk::new();
    let node = disk.start(&[]);
    node.run(DEFINITIONS);
    node.run("INSERT INTO sales VALUES ('a', 1);");
    node.settle();
    node.engine.shut_down();
    let names = || disk.log.topics().into_iter().map(|topic| topic.name.to_string());
    let before: Vec<String> = names().collect();
    let groups = disk.log.groups();
    // As if the process had ended in the middle of a TERMINATE.
    for ended in ["query_CTAS_PER_SHOP_31", "transient_SALES_7"] {
        let topic = format!("_confluent-ksql-default_{ended}-Aggregate-GroupBy-repartition");
        disk.log.create_topic(&topic, &TopicConfig::default()).expect("a fresh name");
        let group = format!("_confluent-ksql-default_{ended}");
        let partition = TopicPartition::new("sales", 0);
        let positions = vec![Position::new(group, partition, Offset(1))];
        disk.log.commit(Commit { positions, ..Commit::default() }).expect("the topic exists");
    }
    let node = disk.start(&[]);
    assert_eq!(names().collect::<Vec<_>>(), before);
    assert_eq!(disk.log.groups(), groups);
    assert_eq!(node.rows("SELECT * FROM per_shop;"), ["'a', 1, 1"]);
}
