//! The log on the machine's own disk.

use types::seams::system::{SystemClock, SystemDirectory};

use super::*;

#[test]
fn everything_survives_a_restart() {
    let root = tempfile::tempdir().expect("a directory");
    let open = || {
        let directory = Arc::new(SystemDirectory::new(root.path()).expect("opened"));
        let config = Config { offsets_partitions: 2, ..Config::default() };
        EmbeddedLog::open(directory, Arc::new(SystemClock::new()), config).expect("the log opens")
    };
    let log = open();
    // The tests' time is long past on this machine's clock.
    let config = TopicConfig { retention_ms: None, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    put(&log, "a", "k", "first");
    log.flush().expect("flushed");
    put(&log, "a", "k", "second");
    drop(log);
    let log = open();
    assert_eq!(values(&log, "a", 0), ["first", "second"]);
    log.maintain().expect("maintained");
    put(&log, "a", "k", "third");
    log.close().expect("closed");
    let log = open();
    assert_eq!(values(&log, "a", 0), ["first", "second", "third"]);
    log.delete_topic("a").expect("deleted");
    log.flush().expect("flushed");
    assert!(!root.path().join("a-0").exists());
}
