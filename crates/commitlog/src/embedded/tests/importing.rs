//! Imports of what another broker has written.

use bytes::Bytes;
use records::{Batch, Batches, Builder, Compression, ControlKind};
use testkit::disk::Crash;
use types::Offset;

use super::{Machine, at, put, rows, values};
use crate::{
    Commit, EmbeddedLog, Error, ImportSource, Isolation, Log, Result, SourceBatches, TopicConfig,
    Visibility,
};

/// A partition in memory.
struct Source {
    base: i64,
    start: i64,
    batches: Vec<Result<Batch>>,
}

impl Source {
    fn new(base: i64, batches: Vec<Bytes>) -> Self {
        let parse = |bytes| Ok(Batch::parse(&bytes).expect("a sound batch"));
        Self { base, start: base, batches: batches.into_iter().map(parse).collect() }
    }
}

impl ImportSource for Source {
    fn base(&self) -> Offset {
        Offset(self.base)
    }

    fn start(&self) -> Offset {
        Offset(self.start)
    }

    fn end_min(&self) -> Offset {
        Offset(self.base)
    }

    fn batches(&self) -> SourceBatches<'_> {
        Box::new(self.batches.iter().cloned())
    }
}

/// A batch of one record at `offset`, of leader epoch 7.
fn batch(offset: i64, value: &str) -> Bytes {
    records(Builder::new(Compression::Gzip), offset, value)
}

fn records(builder: Builder, offset: i64, value: &str) -> Bytes {
    let mut builder = builder.base_offset(offset).leader_epoch(7);
    builder.append(1, Some(b"k"), Some(value.as_bytes()), &[]);
    builder.build()
}

fn transactional(producer: i64, offset: i64, value: &str) -> Bytes {
    let builder = Builder::new(Compression::None).producer(producer, 3, 0).transactional();
    records(builder, offset, value)
}

fn marker(kind: ControlKind, producer: i64, offset: i64) -> Bytes {
    let mut bytes = kind.marker((producer, 3), 0, 1).to_vec();
    records::assign_offset(&mut bytes, offset, 7);
    bytes.into()
}

fn import(log: &EmbeddedLog, sources: &[&dyn ImportSource]) -> Result<Vec<crate::Imported>> {
    log.import_topic("a", &TopicConfig::default(), sources)
}

fn fetched(log: &EmbeddedLog, from: i64, isolation: Isolation) -> Vec<Batch> {
    let mut found = Vec::new();
    let mut next = Offset(from);
    loop {
        let fetched = log.fetch(&at("a", 0), next, 1 << 20, isolation).expect("readable");
        if fetched.batches.is_empty() {
            return found;
        }
        for bytes in &fetched.batches {
            found.extend(Batches::new(bytes).map(|batch| batch.expect("sound")));
        }
        next = Offset(found.last().expect("some").last_offset() + 1);
    }
}

#[test]
fn offsets_are_kept_over_holes_and_restarts_and_go_on() {
    let machine = Machine::new();
    let log = machine.open();
    let source = Source::new(100, vec![batch(105, "b"), batch(106, "c"), batch(120, "d")]);
    let empty = Source::new(42, Vec::new());
    let imported = import(&log, &[&source, &empty]).expect("imported");
    assert_eq!((imported[0].offsets.start, imported[0].offsets.end), (Offset(100), Offset(121)));
    assert_eq!((imported[1].offsets.start, imported[1].offsets.end), (Offset(42), Offset(42)));
    put(&log, "a", "k", "e");
    log.close().expect("closed");
    for log in [log, machine.open()] {
        let found = rows(&log, "a", 0).into_iter().map(|row| (row.offset, row.value));
        let value = |text: &str| Some(text.to_owned());
        let expected = [(105, value("b")), (106, value("c")), (120, value("d")), (121, value("e"))];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(rows(&log, "a", 1), []);
        let read = log.read(&at("a", 0), Offset(110), 1, Visibility::Durable).expect("readable");
        assert!(read.next > Offset(110), "a reader in a hole comes on");
    }
}

#[test]
fn batches_stay_as_they_are_but_for_the_leader_epoch() {
    let log = Machine::new().open();
    let sent = [batch(0, "a"), transactional(5, 1, "b"), marker(ControlKind::Commit, 5, 2)];
    import(&log, &[&Source::new(0, sent.to_vec())]).expect("imported");
    let found = fetched(&log, 0, Isolation::ReadCommitted);
    assert_eq!(found.len(), sent.len());
    for (found, sent) in found.iter().zip(&sent) {
        assert_eq!(found.leader_epoch(), 0);
        assert_eq!(found.bytes()[..12], sent[..12]);
        assert_eq!(found.bytes()[16..], sent[16..]);
    }
}

#[test]
fn aborted_transactions_stay_aborted_and_open_ones_become_so() {
    let machine = Machine::new();
    let log = machine.open();
    let source = Source::new(
        0,
        vec![
            transactional(5, 0, "aborted"),
            transactional(6, 1, "committed"),
            marker(ControlKind::Abort, 5, 2),
            marker(ControlKind::Commit, 6, 3),
            transactional(9, 4, "open"),
            batch(5, "plain"),
        ],
    );
    let imported = import(&log, &[&source]).expect("imported");
    assert_eq!((imported[0].aborted_at_end, imported[0].offsets.end), (1, Offset(7)));
    log.close().expect("closed");
    for log in [log, machine.open()] {
        assert_eq!(values(&log, "a", 0), ["committed", "plain"]);
        let read = log.fetch(&at("a", 0), Offset(0), 1 << 20, Isolation::ReadCommitted);
        let read = read.expect("readable");
        let aborted: Vec<_> =
            read.aborted.iter().map(|it| (it.producer_id, it.first_offset)).collect();
        assert_eq!(aborted, [(5, Offset(0)), (9, Offset(4))]);
        assert_eq!(read.offsets.stable, Offset(7));
        assert_eq!(read.batches.len(), 7);
    }
}

#[test]
fn ids_of_foreign_producers_are_free_for_others() {
    let log = Machine::new().open();
    import(
        &log,
        &[&Source::new(0, vec![transactional(5, 0, "x"), marker(ControlKind::Commit, 5, 1)])],
    )
    .expect("imported");
    assert_eq!(log.producers(&at("a", 0)).expect("known"), []);
    let mut own = Builder::new(Compression::None).producer(5, 0, 0);
    own.append(1, None, Some(b"y"), &[]);
    let append = crate::Append { partition: at("a", 0), batch: own.build() };
    log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("a new producer");
}

#[test]
fn records_before_the_start_are_gone() {
    let log = Machine::new().open();
    let source = Source { start: 1, ..Source::new(0, vec![batch(0, "a"), batch(1, "b")]) };
    import(&log, &[&source]).expect("imported");
    assert_eq!(values(&log, "a", 0), ["b"]);
    let before = log.read(&at("a", 0), Offset(0), 1, Visibility::Durable);
    assert!(matches!(before, Err(Error::OffsetOutOfRange { .. })), "{before:?}");
}

#[test]
fn what_fails_leaves_nothing() {
    let machine = Machine::new();
    let log = machine.open();
    let broken = || Error::CorruptFile { path: "x".into(), position: 9, reason: "torn".into() };
    let mut torn = Source::new(0, vec![batch(0, "a")]);
    torn.batches.push(Err(broken()));
    let back = Source::new(0, vec![batch(0, "a"), batch(0, "b")]);
    let far = Source::new(0, vec![batch(0, "a"), batch(1 << 40, "b")]);
    let whole = Source::new(0, vec![batch(0, "a")]);
    assert!(matches!(import(&log, &[&whole, &torn]), Err(Error::CorruptFile { .. })));
    assert!(matches!(import(&log, &[&back]), Err(Error::CorruptBatch { .. })));
    assert!(matches!(import(&log, &[&far]), Err(Error::CorruptBatch { .. })));
    assert!(matches!(import(&log, &[]), Err(Error::InvalidTopic { .. })));
    assert!(log.topic("a").is_none() && machine.open().topic("a").is_none());
    import(&log, &[&whole]).expect("nothing is in the way");
    assert!(matches!(import(&log, &[&whole]), Err(Error::TopicExists(_))));
    assert_eq!(values(&log, "a", 0), ["a"]);
}

#[test]
fn an_import_is_durable_when_it_returns() {
    let machine = Machine::new();
    let log = machine.open();
    import(&log, &[&Source::new(7, vec![batch(7, "a"), batch(9, "b")])]).expect("imported");
    let restarted = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&restarted, "a", 0), ["a", "b"]);
    let after = restarted.create_topic("b", &TopicConfig::default());
    after.expect("ids of topics go on");
    assert_ne!(restarted.topic("a").map(|it| it.id), restarted.topic("b").map(|it| it.id));
}

#[test]
fn a_deleted_topic_makes_room_for_an_import() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    put(&log, "a", "k", "old");
    log.flush().expect("flushed");
    log.delete_topic("a").expect("deleted");
    import(&log, &[&Source::new(0, vec![batch(0, "new")])]).expect("imported");
    assert_eq!(values(&log, "a", 0), ["new"]);
    assert_eq!(values(&machine.after(Crash::Process).open(), "a", 0), ["new"]);
}
