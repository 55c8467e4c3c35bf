//! Entries of the broker that say how topics are kept which do not say so themselves, and how the log
//! works.

use super::topic::{
    CLEANUP_POLICIES, COMPRESSIONS, GZIP_LEVELS, LZ4_LEVELS, SEGMENT_BYTES, TIMESTAMP_TYPES,
    ZSTD_LEVELS,
};
use crate::config::definition::{Definition, Synonym, hours, minutes, same};
use crate::config::value::Valid;

const RETENTION: &[Synonym] =
    &[same("log.retention.ms"), minutes("log.retention.minutes"), hours("log.retention.hours")];
const ROLL: &[Synonym] = &[same("log.roll.ms"), hours("log.roll.hours")];
const ROLL_JITTER: &[Synonym] = &[same("log.roll.jitter.ms"), hours("log.roll.jitter.hours")];
const FLUSH: &[Synonym] = &[same("log.flush.interval.ms"), same("log.flush.scheduler.interval.ms")];

/// All of them, by name.
#[rustfmt::skip]
pub(super) const LOG: &[Definition] = &[
    Definition::boolean("auto.create.topics.enable", "Whether a topic is created when a client asks for it.")
        .or("true").honoured(),
    Definition::int("compression.gzip.level", "Level of gzip for topics that have the broker compress; its own default holds.")
        .or("-1").valid(GZIP_LEVELS).dynamic(),
    Definition::int("compression.lz4.level", "Level of LZ4 for topics that have the broker compress; its own default holds.")
        .or("9").valid(LZ4_LEVELS).dynamic(),
    Definition::string("compression.type", "Codec in which batches of topics are stored; with 'producer' they stay as they were sent.")
        .or("producer").valid(Valid::OneOf(COMPRESSIONS)).dynamic().honoured(),
    Definition::int("compression.zstd.level", "Level of Zstandard for topics that have the broker compress; its own default holds.")
        .or("3").valid(ZSTD_LEVELS).dynamic(),
    Definition::int("default.replication.factor", "Replicas of topics that are created without a number; there is one broker.")
        .or("1").at_least(1).honoured(),
    Definition::boolean("delete.topic.enable", "Whether clients may delete topics.")
        .or("true").honoured(),
    Definition::long("log.cleaner.backoff.ms", "How often the log looks for something to compact.")
        .or("15000").at_least(0).dynamic().honoured(),
    Definition::long("log.cleaner.dedupe.buffer.size", "Memory of Kafka's cleaner for keys.")
        .or("134217728").dynamic(),
    Definition::long("log.cleaner.delete.retention.ms", "How long a tombstone is still there for readers after compaction has seen it.")
        .or("86400000").at_least(0).dynamic().honoured(),
    Definition::boolean("log.cleaner.enable", "Whether compacted topics are compacted; here they always are.")
        .or("true"),
    Definition::double("log.cleaner.io.buffer.load.factor", "How full Kafka's cleaner fills its memory for keys.")
        .or("0.9").dynamic(),
    Definition::int("log.cleaner.io.buffer.size", "Memory of Kafka's cleaner for reading and writing.")
        .or("524288").at_least(0).dynamic(),
    Definition::double("log.cleaner.io.max.bytes.per.second", "How fast Kafka's cleaner may read and write.")
        .or("1.7976931348623157E308").dynamic(),
    Definition::long("log.cleaner.max.compaction.lag.ms", "When compaction must have seen a record at the latest.")
        .or("9223372036854775807").at_least(1).dynamic().honoured(),
    Definition::double("log.cleaner.min.cleanable.ratio", "What part of a partition must be new before it is compacted again.")
        .or("0.5").valid(Valid::Fraction(0.0, 1.0)).dynamic().honoured(),
    Definition::long("log.cleaner.min.compaction.lag.ms", "How long a record is left alone by compaction.")
        .or("0").at_least(0).dynamic().honoured(),
    Definition::int("log.cleaner.threads", "Threads of Kafka's cleaner; here the log's keeper compacts.")
        .or("1").at_least(0).dynamic(),
    Definition::list("log.cleanup.policy", "Whether topics are deleted from by age and size, or compacted, or both.")
        .or("delete").valid(Valid::SomeOf(CLEANUP_POLICIES)).dynamic().honoured(),
    Definition::string("log.dir", "Where Kafka keeps its log; here the server's data directory is meant.")
        .or("/tmp/kafka-logs"),
    Definition::long("log.dir.failure.timeout.ms", "How long Kafka waits to report a broken log directory.")
        .or("30000").at_least(1),
    Definition::string("log.dirs", "Where Kafka keeps its log; here the server's data directory is meant."),
    Definition::long("log.flush.interval.messages", "After how many records Kafka syncs; here every acknowledged batch is synced.")
        .or("9223372036854775807").at_least(1).dynamic(),
    Definition::long("log.flush.interval.ms", "After how long Kafka syncs; here every acknowledged batch is synced.")
        .also(FLUSH).dynamic(),
    Definition::int("log.flush.offset.checkpoint.interval.ms", "How often Kafka notes how far it has synced; here the journal tells.")
        .or("60000").at_least(0),
    Definition::long("log.flush.scheduler.interval.ms", "How often Kafka looks for something to sync.")
        .or("9223372036854775807").also(FLUSH),
    Definition::int("log.flush.start.offset.checkpoint.interval.ms", "How often Kafka notes where logs start; here the journal tells.")
        .or("60000").at_least(0),
    Definition::int("log.index.interval.bytes", "Distance between index entries in Kafka; the log here has its own.")
        .or("4096").at_least(0).dynamic(),
    Definition::int("log.index.size.max.bytes", "Room for a segment's index in Kafka; indexes here grow as needed.")
        .or("10485760").at_least(4).dynamic(),
    Definition::long("log.local.retention.bytes", "How much of a tiered topic stays on local disk; there is no tiered storage.")
        .or("-2").at_least(-2).dynamic(),
    Definition::long("log.local.retention.ms", "How long records of a tiered topic stay on local disk; there is no tiered storage.")
        .or("-2").at_least(-2).dynamic(),
    Definition::long("log.message.timestamp.after.max.ms", "How far in the future a record's own timestamp may lie.")
        .or("3600000").at_least(0).dynamic().honoured(),
    Definition::long("log.message.timestamp.before.max.ms", "How far in the past a record's own timestamp may lie.")
        .or("9223372036854775807").at_least(0).dynamic().honoured(),
    Definition::string("log.message.timestamp.type", "Whether records bear the time of their making or of their append.")
        .or("CreateTime").valid(Valid::OneOf(TIMESTAMP_TYPES)).dynamic().honoured(),
    Definition::boolean("log.preallocate", "Whether Kafka reserves a segment's space beforehand; the log here does not.")
        .or("false").dynamic(),
    Definition::long("log.retention.bytes", "How large a partition may grow before its oldest segments go; -1 is unlimited.")
        .or("-1").dynamic().honoured(),
    Definition::long("log.retention.check.interval.ms", "How often the log looks for segments to delete.")
        .or("300000").at_least(1).honoured(),
    Definition::int("log.retention.hours", "How many hours old a segment may grow before it goes; -1 is unlimited.")
        .or("168").also(RETENTION).honoured(),
    Definition::int("log.retention.minutes", "How many minutes old a segment may grow before it goes; -1 is unlimited.")
        .also(RETENTION).honoured(),
    Definition::long("log.retention.ms", "How old a segment may grow before it goes; -1 is unlimited.")
        .also(RETENTION).dynamic().honoured(),
    Definition::int("log.roll.hours", "After how many hours a segment ends even if it is not full.")
        .or("168").at_least(1).also(ROLL).honoured(),
    Definition::int("log.roll.jitter.hours", "By how many hours Kafka spreads the ends of segments; they are not spread here.")
        .or("0").at_least(0).also(ROLL_JITTER),
    Definition::long("log.roll.jitter.ms", "By how much Kafka spreads the ends of segments; they are not spread here.")
        .also(ROLL_JITTER).dynamic(),
    Definition::long("log.roll.ms", "After how long a segment ends even if it is not full.")
        .at_least(1).also(ROLL).dynamic().honoured(),
    Definition::int("log.segment.bytes", "The largest segment.")
        .or("1073741824").valid(SEGMENT_BYTES).dynamic().honoured(),
    Definition::long("log.segment.delete.delay.ms", "How long Kafka keeps a removed segment's file; here it goes at once.")
        .or("60000").at_least(0).dynamic(),
    Definition::int("message.max.bytes", "The largest record batch a topic takes.")
        .or("1048588").at_least(0).dynamic().honoured(),
    Definition::int("min.insync.replicas", "How many replicas must be in sync for acks=all; there is one, so that more refuses such writes.")
        .or("1").at_least(1).dynamic().honoured(),
    Definition::int("num.partitions", "Partitions of topics that are created without a number.")
        .or("1").at_least(1).honoured(),
    Definition::int("num.recovery.threads.per.data.dir", "Threads with which Kafka recovers its log at start.")
        .or("2").at_least(1).dynamic(),
    Definition::int("producer.id.expiration.check.interval.ms", "How often idle producers are looked for.")
        .or("600000").at_least(1),
    Definition::int("producer.id.expiration.ms", "How long a producer may be idle before its sequence numbers are forgotten; here always a day.")
        .or("86400000").at_least(1).dynamic(),
    Definition::boolean("unclean.leader.election.enable", "Whether a replica that lags may lead; there is only one replica.")
        .or("false").dynamic(),
];
