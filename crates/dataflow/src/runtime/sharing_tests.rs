//! What queries share, and what one can't do to the others.

use std::time::Duration;

use commitlog::{Append, Commit};
use formats::MemorySchemaStore;
use plan::logical::Emit;
use records::{Builder, Compression};
use types::TopicPartition;

use super::*;
use crate::test_driver::plans::{aggregate, filter_project, spec};
use crate::{ProcessingLog, Report, TestDriver, WindowBounds};

fn services() -> Services {
    let functions = Arc::new(functions::Registry::builtin());
    let driver = TestDriver::new(functions, Arc::new(MemorySchemaStore::default()));
    for topic in ["in", "out"] {
        driver.create_topic(topic, 4).expect("memory");
    }
    driver.services().clone()
}

fn produce(services: &Services, partition: i32, key: &str, value: &str) {
    let mut builder = Builder::new(Compression::None);
    builder.append(0, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
    let partition = TopicPartition::new("in", partition);
    let appends = vec![Append { partition, batch: builder.build() }];
    services.log.commit(Commit { appends, ..Commit::default() }).expect("memory");
}

fn named(id: &str, plan: plan::physical::Plan) -> QuerySpec {
    let mut spec = spec(id, plan);
    Arc::make_mut(&mut spec.plan).application_id = id.to_owned();
    spec
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{what} did not come");
}

#[derive(Debug)]
struct Panicking;

impl ProcessingLog for Panicking {
    fn report(&self, _report: &Report<'_>) {
        panic!("a defect");
    }
}

#[test]
fn a_panic_stops_its_query_alone() {
    let services = Services { processing_log: Arc::new(Panicking), ..services() };
    let runtime = Runtime::start(services.clone(), 1, None).expect("threads");
    let (bad, good) = (QueryId::new("bad"), QueryId::new("good"));
    runtime.create(named("bad", filter_project("in", "out"))).expect("a good plan");
    let mut healthy = named("good", filter_project("in", "out"));
    // What it reads can always be decoded.
    let nodes = &mut Arc::make_mut(&mut healthy.plan).sub_topologies[0].nodes;
    let plan::physical::Operator::Read(read) = &mut nodes[0].operator else { panic!("a read") };
    read.topic = "other".to_owned();
    services.log.create_topic("other", &commitlog::TopicConfig::default()).expect("memory");
    runtime.create(healthy).expect("a good plan");
    produce(&services, 0, "k", "not json");
    eventually("the panic", || runtime.status(&bad).expect("it exists").state == QueryState::Error);
    let error = runtime.status(&bad).expect("it exists").error.expect("it failed");
    assert_eq!(error.to_string(), "internal error: a defect");
    assert_eq!(runtime.status(&good).expect("it exists").state, QueryState::Running);
    let mut builder = Builder::new(Compression::None);
    builder.append(0, Some(b"k"), Some(b"{\"AMOUNT\":20}"), &[]);
    let partition = TopicPartition::new("other", 0);
    let appends = vec![Append { partition, batch: builder.build() }];
    services.log.commit(Commit { appends, ..Commit::default() }).expect("memory");
    eventually("the output", || runtime.metrics(&good).expect("it exists").records_out == 1);
    runtime.shut_down().expect("ends");
}

#[test]
fn queries_over_one_topic_share_what_is_decoded() {
    let services = services();
    let runtime = Runtime::start(services.clone(), 2, None).expect("threads");
    let ids: Vec<QueryId> = (0..20).map(|number| QueryId::new(format!("q{number}"))).collect();
    for id in &ids {
        runtime.create(named(id.as_str(), filter_project("in", "out"))).expect("a good plan");
    }
    for round in 1..=30_u64 {
        produce(&services, 0, "k", "{\"AMOUNT\":20}");
        if round % 10 == 0 {
            eventually("the output", || {
                ids.iter().all(|id| runtime.metrics(id).expect("it exists").records_out == round)
            });
        }
    }
    let problem = "not json, which is never shared: every query reports it for itself";
    produce(&services, 0, "k", problem);
    eventually("the reports", || {
        ids.iter().all(|id| runtime.metrics(id).expect("it exists").problems == 1)
    });
    assert!(ids.iter().all(|id| runtime.metrics(id).expect("it exists").records_in == 31));
    let decodes = Arc::clone(&runtime.shared.shares.decodes);
    for id in &ids[1..] {
        runtime.delete(id).expect("it exists");
    }
    assert_eq!(decodes.size(), (0, 0), "one reader shares with nobody");
    runtime.shut_down().expect("ends");
}

#[test]
fn a_thousand_idle_queries_wake_for_a_record() {
    let services = services();
    services.log.create_topic("one", &commitlog::TopicConfig::default()).expect("memory");
    let runtime = Runtime::start(services.clone(), 2, None).expect("threads");
    let ids: Vec<QueryId> = (0..1_000).map(|number| QueryId::new(format!("q{number}"))).collect();
    for id in &ids {
        runtime.create(named(id.as_str(), filter_project("one", "out"))).expect("a good plan");
    }
    let mut builder = Builder::new(Compression::None);
    builder.append(0, Some(b"k"), Some(b"{\"AMOUNT\":20}"), &[]);
    let appends = vec![Append { partition: TopicPartition::new("one", 0), batch: builder.build() }];
    services.log.commit(Commit { appends, ..Commit::default() }).expect("memory");
    eventually("the output", || {
        ids.iter().all(|id| runtime.metrics(id).expect("it exists").records_out == 1)
    });
    let decodes = &runtime.shared.shares.decodes;
    assert!(decodes.size().0 <= 1, "one stretch is kept at most while some are late");
}

#[test]
fn a_lookup_finds_its_key_wherever_it_lies() {
    let services = services();
    let runtime = Runtime::start(services.clone(), 2, None).expect("threads");
    let id = QueryId::new("q");
    runtime.create(named("q", aggregate("in", "out", None, Emit::Changes))).expect("a good plan");
    let home = |key: &str| records::partition_for_key(key.as_bytes(), 4);
    for key in ["a", "b", "c", "d"] {
        produce(&services, home(key), key, "{\"AMOUNT\":1}");
    }
    produce(&services, (home("x") + 1) % 4, "x", "{\"AMOUNT\":1}");
    eventually("the counts", || runtime.metrics(&id).expect("it exists").records_out == 5);
    let look_up = |keys: &[&str]| {
        let keys = keys.iter().map(|key| vec![Value::string(*key)]).collect();
        let keys = KeySelection::Lookup(keys);
        let request = PullRequest { keys, windows: WindowBounds::default(), limit: None };
        runtime.pull(&id, &request).expect("a table")
    };
    for key in ["a", "b", "c", "d"] {
        let found = look_up(&[key]);
        assert_eq!(found.len(), 1, "only the owner of {key} was asked");
        assert_eq!(found[0].len(), 1);
    }
    let rows = |found: Vec<Rows>| found.iter().map(Rows::len).sum::<usize>();
    assert_eq!(rows(look_up(&["x"])), 1, "a key in a foreign place is found");
    assert_eq!(rows(look_up(&["nobody"])), 0);
    assert_eq!(rows(look_up(&["a", "x", "c"])), 3);
    runtime.shut_down().expect("ends");
}
