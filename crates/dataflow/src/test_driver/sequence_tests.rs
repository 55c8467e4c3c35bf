//! The batches of queries bear producer ids and gapless sequence numbers, whatever topic they are for.

use std::collections::HashMap;

use commitlog::Visibility;
use records::Batches;
use types::Offset;

use super::tests::{driver, record};
use super::*;
use crate::test_driver::plans::{regroup, spec};

/// Checks every batch of `topic`, and gives the producers found there.
fn check(driver: &TestDriver, topic: &str) -> Vec<i64> {
    let log = &driver.services().log;
    let mut next: HashMap<(i32, i64), i32> = HashMap::new();
    for partition in 0..log.topic(topic).expect("it exists").config.partitions {
        let at = TopicPartition::new(topic, partition);
        let chunk = log.read(&at, Offset::ZERO, 1 << 20, Visibility::Committed).expect("memory");
        for batch in chunk.batches.iter().flat_map(Batches::new) {
            let batch = batch.expect("sound");
            assert!(batch.producer_id() >= 0, "{topic} has a batch without a producer");
            let expected = next.entry((partition, batch.producer_id())).or_insert(0);
            assert_eq!((batch.producer_epoch(), batch.base_sequence()), (0, *expected));
            *expected += batch.record_count();
        }
    }
    let mut producers: Vec<i64> = next.into_keys().map(|(_, producer)| producer).collect();
    producers.sort_unstable();
    producers.dedup();
    producers
}

#[test]
fn each_start_of_a_task_is_a_producer() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    driver.create(spec("q", regroup())).expect("a good plan");
    for (time, group) in (1..).zip(["x", "y", "x", "z", "y", "x"]) {
        let value = format!("{{\"GROUP\":\"{group}\",\"AMOUNT\":{time}}}");
        driver.pipe("in", &record(time, "a", Some(&value))).expect("runs");
        if time == 3 {
            driver.restart(Restart::Crash).expect("restarts");
        }
    }
    let outputs = check(&driver, "out");
    assert_eq!(outputs.len(), 2, "one before and one after the restart");
    assert_eq!(
        check(&driver, "app-Aggregate-changelog"),
        outputs,
        "outputs and state are one task's"
    );
    let repartitioned = check(&driver, "app-GroupBy-repartition");
    assert_eq!(repartitioned.len(), 2);
    assert!(repartitioned.iter().all(|producer| !outputs.contains(producer)));
}
