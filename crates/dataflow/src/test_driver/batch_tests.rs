//! Batch invariance: however the input is cut into batches, wherever a run is interrupted, and however
//! little memory there is, the output is the same; with coalescing the final tables are.

use std::collections::BTreeMap;

use plan::logical::{Emit, Window, WindowShape};
use plan::physical::Plan;
use proptest::prelude::*;

use super::plans::{aggregate, spec};
use super::tests::{driver, record};
use super::{Restart, TestRecord};

/// Timestamp, key and value payload of an output record.
type Output = (i64, Vec<u8>, Option<Vec<u8>>);

/// How a run is cut.
#[derive(Clone, Copy, Debug)]
struct Cut {
    batch: usize,
    /// After so many records the tasks are restarted.
    restart: Option<(usize, Restart)>,
    is_coalescing: bool,
    /// Memory of each store's cache and of each operator.
    cache_bytes_max: usize,
}

impl Cut {
    /// Record by record, nothing interrupted.
    const STRAIGHT: Self =
        Self { batch: 1, restart: None, is_coalescing: false, cache_bytes_max: 64 << 20 };
}

fn outputs(plan: Plan, inputs: &[TestRecord], cut: Cut) -> Vec<Output> {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    let mut spec = spec("q", plan);
    spec.options.batch_records_max = cut.batch;
    spec.options.is_coalescing = cut.is_coalescing;
    spec.options.cache_bytes_max = cut.cache_bytes_max;
    driver.create(spec).expect("a good plan");
    for (number, record) in inputs.iter().enumerate() {
        driver.append("in", record).expect("memory");
        if let Some((every, kind)) = cut.restart
            && number % every == 0
        {
            driver.run_until_idle().expect("runs");
            driver.restart(kind).expect("restarts");
        }
    }
    driver.run_until_idle().expect("runs");
    let records = driver.records("out").expect("memory").into_iter();
    records
        .map(|record| (record.timestamp_ms, record.key.unwrap_or_default(), record.value))
        .collect()
}

fn final_table(outputs: Vec<Output>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut table = BTreeMap::new();
    for (_, key, value) in outputs {
        match value {
            Some(value) => table.insert(key, value),
            None => table.remove(&key),
        };
    }
    table
}

fn any_window() -> impl Strategy<Value = (Option<Window>, Emit)> {
    let windowed = |kind| Some(Window { kind, grace_ms: Some(20), retention_ms: None });
    let tumbling = windowed(WindowShape::Tumbling { size_ms: 100 });
    let hopping = windowed(WindowShape::Hopping { size_ms: 100, advance_ms: 30 });
    let session = windowed(WindowShape::Session { gap_ms: 15 });
    prop_oneof![
        Just((None, Emit::Changes)),
        Just((tumbling, Emit::Changes)),
        Just((tumbling, Emit::Final)),
        Just((hopping, Emit::Changes)),
        Just((hopping, Emit::Final)),
        Just((session, Emit::Changes)),
        Just((session, Emit::Final)),
    ]
}

/// Records whose time goes forward with some disorder.
fn any_inputs() -> impl Strategy<Value = Vec<TestRecord>> {
    let step = (0_i64..15, 0_i64..60, 0_u8..4, -9_i64..99);
    prop::collection::vec(step, 1..80).prop_map(|steps| {
        let mut now = 0;
        let mut records = Vec::new();
        for (forward, back, key, amount) in steps {
            now += forward;
            let value = format!("{{\"AMOUNT\":{amount}}}");
            let time = if back < 45 { now } else { (now - back).max(0) };
            records.push(record(time, &format!("k{key}"), Some(&value)));
        }
        records
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_batches_nor_restarts_change_the_output(
        (window, emit) in any_window(),
        inputs in any_inputs(),
        batch in 2_usize..40,
        every in 1_usize..20,
        is_crash in any::<bool>(),
        // Nothing stays in memory, a few groups do, all do.
        cache_bytes_max in prop::sample::select(vec![0, 1_000, 64 << 20]),
    ) {
        let plan = || aggregate("in", "out", window, emit);
        let expected = outputs(plan(), &inputs, Cut::STRAIGHT);
        let batched = Cut { batch, cache_bytes_max, ..Cut::STRAIGHT };
        prop_assert_eq!(&outputs(plan(), &inputs, batched), &expected);
        let kind = if is_crash { Restart::Crash } else { Restart::Orderly };
        let restart = Some((every, kind));
        let interrupted = Cut { batch, restart, cache_bytes_max, ..Cut::STRAIGHT };
        prop_assert_eq!(&outputs(plan(), &inputs, interrupted), &expected);
    }

    #[test]
    fn coalescing_gives_the_same_tables(
        (window, emit) in any_window(),
        inputs in any_inputs(),
        batch in 2_usize..40,
        every in 1_usize..20,
        cache_bytes_max in prop::sample::select(vec![0, 64 << 20]),
    ) {
        let plan = || aggregate("in", "out", window, emit);
        let expected = final_table(outputs(plan(), &inputs, Cut::STRAIGHT));
        let restart = Some((every, Restart::Crash));
        let coalesced = Cut { batch, restart, is_coalescing: true, cache_bytes_max };
        prop_assert_eq!(&final_table(outputs(plan(), &inputs, coalesced)), &expected);
    }
}

#[test]
fn the_workloads_reach_every_kind_of_output() {
    let window = Window {
        kind: WindowShape::Tumbling { size_ms: 100 },
        grace_ms: Some(20),
        retention_ms: None,
    };
    let inputs: Vec<TestRecord> =
        (0..50).map(|n| record(n * 20, "k", Some("{\"AMOUNT\":1}"))).collect();
    let plan = aggregate("in", "out", Some(window), Emit::Final);
    let finals = outputs(plan, &inputs, Cut::STRAIGHT);
    assert_eq!(finals.len(), 9, "each closed window leaves once");
}
