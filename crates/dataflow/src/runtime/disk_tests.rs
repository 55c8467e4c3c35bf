//! Queries on real threads over the log and the state on disk, with restarts in order and without.

use std::path::Path;
use std::time::Duration;

use commitlog::{Append, Commit, Config, EmbeddedLog, Log, TopicConfig};
use formats::MemorySchemaStore;
use plan::logical::Emit;
use records::{Builder, Compression};
use state::FjallBackend;
use types::TopicPartition;
use types::columns::values;
use types::seams::system::{SystemClock, SystemDirectory, SystemRandom};

use super::*;
use crate::test_driver::plans::{aggregate, spec};
use crate::{CountingLog, WindowBounds};

fn open(path: &Path) -> Services {
    let disk = SystemDirectory::new(path.join("log")).expect("a directory");
    let clock = Arc::new(SystemClock::new());
    let log = EmbeddedLog::open(Arc::new(disk), clock.clone(), Config::default()).expect("opens");
    let state = FjallBackend::open(&path.join("state"), 1 << 20).expect("opens");
    Services {
        log: Arc::new(log),
        schemas: Arc::new(MemorySchemaStore::default()),
        functions: Arc::new(functions::Registry::builtin()),
        clock,
        random: Arc::new(SystemRandom::new()),
        processing_log: Arc::new(CountingLog::default()),
        state: Arc::new(state),
    }
}

fn produce(log: &dyn Log, keys: std::ops::Range<i64>) {
    let mut builder = Builder::new(Compression::None);
    for key in keys {
        builder.append(0, Some(format!("k{}", key % 10).as_bytes()), Some(b"{\"AMOUNT\":2}"), &[]);
    }
    let append = Append { partition: TopicPartition::new("in", 0), batch: builder.build() };
    log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("the disk is good");
}

/// The table's keys, counts and sums, once `count` records are in.
fn await_table(runtime: &Runtime, count: i64) -> Vec<(Value, Value, Value)> {
    let request =
        PullRequest { keys: KeySelection::All, windows: WindowBounds::default(), limit: None };
    for _ in 0..1_000 {
        let rows = runtime.pull(&QueryId::new("q"), &request).expect("a table");
        let column = |column: &dyn Fn(&Rows) -> Vec<Value>| rows.iter().flat_map(column).collect();
        let keys: Vec<Value> = column(&|rows| values(&rows.key[0]));
        let counts: Vec<Value> = column(&|rows| values(&rows.value[0]));
        let sums: Vec<Value> = column(&|rows| values(&rows.value[1]));
        let number = |value: &Value| if let Value::Bigint(number) = value { *number } else { 0 };
        if counts.iter().map(number).sum::<i64>() == count {
            return keys.into_iter().zip(counts).zip(sums).map(|((k, n), t)| (k, n, t)).collect();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{count} records were not counted");
}

/// Runs in rounds with a restart after each; after every round each record has counted exactly once.
fn counts_exactly_once(is_orderly: bool, cache_bytes_max: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for round in 0..4 {
        let services = open(directory.path());
        if round == 0 {
            let two = TopicConfig::with_partitions(2);
            services.log.create_topic("in", &two).expect("a new topic");
            services.log.create_topic("out", &two).expect("a new topic");
        }
        let runtime = Runtime::start(services.clone(), 2, None).expect("threads");
        let mut query = spec("q", aggregate("in", "out", None, Emit::Changes));
        query.options.cache_bytes_max = cache_bytes_max;
        query.options.batch_records_max = 7;
        runtime.create(query).expect("a good plan");
        produce(services.log.as_ref(), 0..50);
        let table = await_table(&runtime, (round + 1) * 50);
        assert_eq!(table.len(), 10);
        let each = (round + 1) * 5;
        for (key, count, sum) in table {
            assert_eq!((count, sum), (Value::Bigint(each), Value::Bigint(2 * each)), "{key:?}");
        }
        let end = |partition| {
            let at = TopicPartition::new("out", partition);
            services.log.offsets(&at).expect("the topic exists").end.0
        };
        assert_eq!(end(0) + end(1), (round + 1) * 50, "every update left once");
        if is_orderly {
            runtime.shut_down().expect("ends");
        }
        drop(runtime);
    }
}

#[test]
fn an_orderly_restart_goes_on_where_it_stopped() {
    counts_exactly_once(true, 64 << 20);
}

#[test]
fn a_crash_loses_and_doubles_nothing() {
    // With a cache for nothing, every batch is checkpointed; with a large one, none is.
    counts_exactly_once(false, 0);
    counts_exactly_once(false, 64 << 20);
}
