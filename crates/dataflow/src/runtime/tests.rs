//! Queries on real threads over a log in memory.

use std::time::Duration;

use commitlog::{Append, Commit, Log};
use formats::MemorySchemaStore;
use records::{Builder, Compression};
use types::TopicPartition;

use super::*;
use crate::TestDriver;
use crate::test_driver::plans::{filter_project, spec};

/// Services over a log in memory with topics `in` and `out`.
fn services() -> Services {
    let functions = Arc::new(functions::Registry::builtin());
    let driver = TestDriver::new(functions, Arc::new(MemorySchemaStore::default()));
    for topic in ["in", "out"] {
        driver.create_topic(topic, 2).expect("memory");
    }
    driver.services().clone()
}

fn produce(log: &dyn Log, amount: i64) {
    let mut builder = Builder::new(Compression::None);
    builder.append(0, Some(b"k"), Some(format!("{{\"AMOUNT\":{amount}}}").as_bytes()), &[]);
    let append = Append { partition: TopicPartition::new("in", 0), batch: builder.build() };
    log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("memory");
}

/// Waits until `out` holds `count` records.
fn await_output(services: &Services, count: i64) {
    for _ in 0..500 {
        let end = |partition| {
            let at = TopicPartition::new("out", partition);
            services.log.offsets(&at).expect("the topic exists").end.0
        };
        if end(0) + end(1) == count {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no {count} records came");
}

#[test]
fn a_query_runs_rests_and_goes_on() {
    let services = services();
    let runtime = Runtime::start(services.clone(), 2, None).expect("threads");
    let id = QueryId::new("q");
    runtime.create(spec("q", filter_project("in", "out"))).expect("a good plan");
    assert!(matches!(
        runtime.create(spec("q", filter_project("in", "out"))),
        Err(Error::QueryExists(_))
    ));
    produce(services.log.as_ref(), 20);
    await_output(&services, 1);
    runtime.pause(&id).expect("it exists");
    produce(services.log.as_ref(), 30);
    assert_eq!(runtime.status(&id).expect("it exists").state, QueryState::Paused);
    runtime.resume(&id).expect("it exists");
    await_output(&services, 2);
    runtime.stop(&id).expect("stops");
    produce(services.log.as_ref(), 40);
    runtime.create(spec("q", filter_project("in", "out"))).expect("again");
    await_output(&services, 3);
    runtime.delete(&id).expect("deletes");
    assert!(services.log.positions("app").is_empty());
    runtime.shut_down().expect("ends");
}

#[test]
fn an_unknown_query_is_refused() {
    let runtime = Runtime::start(services(), 1, None).expect("threads");
    let id = QueryId::new("nobody");
    assert!(matches!(runtime.status(&id), Err(Error::UnknownQuery(_))));
    assert!(matches!(runtime.delete(&id), Err(Error::UnknownQuery(_))));
}

#[test]
fn a_failed_query_stops_alone_and_may_be_restarted() {
    let services = services();
    let (told, failures) = std::sync::mpsc::channel();
    let on_failure: OnFailure = Arc::new(move |id, error| {
        told.send((id.clone(), error.to_string())).expect("the test listens");
    });
    let runtime = Runtime::start(services.clone(), 1, Some(on_failure)).expect("threads");
    let strict = |id: &str, is_strict: bool| {
        let mut spec = spec(id, filter_project("in", "out"));
        spec.options.fails_on_deserialization_error = is_strict;
        let plan = Arc::make_mut(&mut spec.plan);
        plan.application_id = id.to_owned();
        spec
    };
    runtime.create(strict("strict", true)).expect("a good plan");
    runtime.create(strict("lenient", false)).expect("a good plan");
    let mut builder = Builder::new(Compression::None);
    builder.append(0, Some(b"k"), Some(b"not json"), &[]);
    let append = Append { partition: TopicPartition::new("in", 0), batch: builder.build() };
    services.log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("memory");
    let strict = QueryId::new("strict");
    for _ in 0..2 {
        let failure = failures.recv_timeout(Duration::from_secs(5)).expect("it fails");
        assert_eq!(failure.0, strict);
        assert!(failure.1.contains("cannot decode the value of in-0 offset 0"), "{}", failure.1);
        assert_eq!(runtime.status(&strict).expect("it exists").state, QueryState::Error);
        runtime.restart(&strict).expect("it is opened again");
    }
    produce(services.log.as_ref(), 20);
    await_output(&services, 1);
    let lenient = runtime.status(&QueryId::new("lenient")).expect("it exists");
    assert_eq!(lenient.state, QueryState::Running);
    runtime.shut_down().expect("ends");
}
