//! The tables hold together, and entries become the log's configuration and come back.

use std::collections::{BTreeMap, BTreeSet};

use commitlog::{TimestampType, TopicConfig};

use super::definition::Definition;
use super::definitions::{self, CLIENT_METRICS, GROUP, TOPIC};
use super::*;

fn entries(pairs: &[(&str, &str)]) -> Entries {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn tables() -> impl Iterator<Item = &'static Definition> {
    TOPIC.iter().chain(GROUP).chain(CLIENT_METRICS).chain(definitions::of_broker())
}

#[test]
fn every_default_is_valid_and_written_as_it_is_shown() {
    for definition in tables() {
        let Some(default) = definition.default else { continue };
        let value = definition.kind.parse(default).expect(definition.name);
        if definition.name != "broker.id" {
            assert_eq!(definition.parse(default), Ok(value.clone()), "{}", definition.name);
        }
        if definition.kind != value::Kind::Double {
            assert_eq!(value.to_string(), default, "{}", definition.name);
        }
    }
}

#[test]
fn no_name_is_defined_twice() {
    for table in [TOPIC, GROUP, CLIENT_METRICS] {
        let names: BTreeSet<&str> = table.iter().map(|definition| definition.name).collect();
        assert_eq!(names.len(), table.len());
    }
    let mut names = BTreeSet::new();
    for definition in definitions::of_broker() {
        assert!(names.insert(definition.name), "{}", definition.name);
    }
}

#[test]
fn synonyms_are_entries_of_the_broker_with_the_same_default() {
    let layers = Layers::default();
    for definition in TOPIC.iter().chain(GROUP) {
        for synonym in definition.synonyms {
            assert!(definitions::broker(synonym.name).is_some(), "{}", synonym.name);
        }
        if !definition.synonyms.is_empty() {
            let inherited = layers.inherited(definition.synonyms);
            assert_eq!(inherited, definition.default_value(), "{}", definition.name);
        }
    }
}

#[test]
fn documentation_is_a_sentence() {
    for definition in tables() {
        assert!(definition.documentation.ends_with('.'), "{}", definition.name);
    }
}

#[test]
fn values_are_checked_by_type_and_range() {
    let topic = |name, text| definitions::topic(name).expect("an entry").parse(text);
    assert_eq!(topic("retention.ms", " 5 "), Ok(Value::Number(5)));
    assert_eq!(topic("preallocate", "TRUE"), Ok(Value::Boolean(true)));
    assert_eq!(topic("min.cleanable.dirty.ratio", "1").map(|v| v.to_string()), Ok("1.0".into()));
    assert!(topic("compression.gzip.level", "-1").is_ok());
    for (name, text) in [
        ("retention.ms", "-2"),
        ("retention.ms", "1.5"),
        ("segment.bytes", "4294967296"),
        ("cleanup.policy", "shred"),
        ("cleanup.policy", "delete,delete"),
        ("compression.type", "brotli"),
        ("compression.gzip.level", "0"),
        ("min.cleanable.dirty.ratio", "1.5"),
        ("preallocate", "yes"),
        ("remote.storage.enable", "true"),
    ] {
        let reason = topic(name, text).expect_err(name);
        assert!(reason.contains(name) && reason.contains(text), "{reason}");
    }
}

#[test]
fn what_is_set_comes_back_and_nothing_else() {
    let layers = Layers::default();
    let set = entries(&[
        ("cleanup.policy", "compact,delete"),
        // As it would be anyway: it stays set.
        ("retention.ms", "604800000"),
        ("retention.bytes", "-1"),
        ("segment.bytes", "2048"),
        ("message.timestamp.type", "LogAppendTime"),
        ("message.timestamp.after.max.ms", "9223372036854775807"),
        ("max.compaction.lag.ms", "77"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("max.message.bytes", "0"),
        ("compression.type", "zstd"),
        ("flush.ms", "1000"),
    ]);
    let config = topic_entries::topic_config(3, &set, &layers, None);
    assert_eq!(topic_entries::set_entries(&config, &layers), set);
    let other_order = entries(&[("cleanup.policy", "delete,compact")]);
    let config_of_other = topic_entries::topic_config(3, &other_order, &layers, None);
    assert_eq!(topic_entries::set_entries(&config_of_other, &layers), other_order);
    assert!(config.compact && config.delete);
    assert_eq!((config.partitions, config.segment_bytes_max), (3, 2048));
    assert_eq!(config.message_timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(config.message_timestamp_after_max_ms, None);
    assert_eq!(config.compaction_lag_ms_max, Some(77));

    let plain = topic_entries::topic_config(1, &Entries::new(), &layers, None);
    assert!(topic_entries::set_entries(&plain, &layers).is_empty());
    assert_eq!(plain.message_timestamp_after_max_ms, Some(3_600_000));
}

#[test]
fn every_entry_of_a_topic_goes_there_and_back() {
    let layers = Layers::default();
    for definition in TOPIC {
        let text = definition.default.expect("every entry of a topic has a default");
        let set = entries(&[(definition.name, text)]);
        let config = topic_entries::topic_config(1, &set, &layers, None);
        assert_eq!(topic_entries::set_entries(&config, &layers), set, "{}", definition.name);
        let value = topic_entries::value(&config, definition);
        assert_eq!(Some(value), definition.default_value(), "{}", definition.name);
    }
}

#[test]
fn what_was_made_within_the_process_shows_as_set_where_it_differs() {
    let layers = Layers::default();
    let made = TopicConfig { retention_ms: None, ..TopicConfig::with_partitions(1).compacted() };
    let set = topic_entries::set_entries(&made, &layers);
    let expected = entries(&[
        ("cleanup.policy", "compact"),
        // Whoever makes topics within the process leaves times unlimited.
        ("message.timestamp.after.max.ms", "9223372036854775807"),
        ("retention.ms", "-1"),
    ]);
    assert_eq!(set, expected);
    let again = topic_entries::topic_config(1, &set, &layers, Some(&made));
    assert_eq!(again.retention_ms, None);
    assert!(again.compact && !again.delete);
}

#[test]
fn what_is_no_entry_stays_with_the_topic() {
    let layers = Layers::default();
    let mut made = TopicConfig::with_partitions(1);
    made.other.insert("tidemill.cluster.id".to_owned(), "abc".to_owned());
    let changed = topic_entries::topic_config(1, &Entries::new(), &layers, Some(&made));
    assert_eq!(changed.other.get("tidemill.cluster.id").map(String::as_str), Some("abc"));
}

#[test]
fn topics_follow_the_brokers_entries_in_kafkas_order() {
    let layers = Layers {
        file: entries(&[
            ("log.retention.hours", "24"),
            ("log.retention.minutes", "30"),
            ("compression.type", "zstd"),
        ]),
        cluster: entries(&[("log.segment.bytes", "4096")]),
        node: entries(&[("log.segment.bytes", "8192")]),
    };
    let config = topic_entries::topic_config(1, &Entries::new(), &layers, None);
    assert_eq!(config.retention_ms, Some(30 * 60 * 1000));
    assert_eq!(config.segment_bytes_max, 8192);
    assert_eq!(config.compression, Some(records::Compression::Zstd));
    assert!(topic_entries::set_entries(&config, &layers).is_empty());
    let retention = definitions::topic("retention.ms").expect("an entry");
    let places: Vec<(&str, Source)> =
        layers.places(retention.synonyms).iter().map(|place| (place.name, place.source)).collect();
    let expected = [
        ("log.retention.minutes", Source::File),
        ("log.retention.hours", Source::File),
        ("log.retention.hours", Source::Default),
    ];
    assert_eq!(places, expected);
    let unlimited = Layers { file: entries(&[("log.retention.hours", "-1")]), ..layers };
    let config = topic_entries::topic_config(1, &Entries::new(), &unlimited, None);
    assert_eq!(config.retention_ms, None);
}

#[test]
fn lists_are_added_to_and_taken_from() {
    let policy = definitions::topic("cleanup.policy").expect("an entry");
    let inherited = || policy.default_value();
    let wanted = |operation, value: &str| Change {
        name: policy.name.to_owned(),
        operation,
        value: value.to_owned(),
    };
    let mut set = Entries::new();
    change(&mut set, policy, &wanted(Operation::Append, "compact"), inherited()).expect("a list");
    assert_eq!(set["cleanup.policy"], "delete,compact");
    change(&mut set, policy, &wanted(Operation::Append, "compact"), inherited()).expect("a list");
    change(&mut set, policy, &wanted(Operation::Subtract, "delete"), inherited()).expect("a list");
    assert_eq!(set["cleanup.policy"], "compact");
    change(&mut set, policy, &wanted(Operation::Delete, ""), inherited()).expect("always");
    assert!(set.is_empty());
    let flush = definitions::topic("flush.ms").expect("an entry");
    let append = Change { name: flush.name.to_owned(), ..wanted(Operation::Append, "1") };
    assert!(change(&mut set, flush, &append, None).is_err());
}

#[test]
fn every_problem_of_a_file_is_named_at_once() {
    let file: BTreeMap<String, String> = entries(&[
        ("node.id", "1"),
        ("broker.id", "2"),
        ("num.partitions", "none"),
        ("default.replication.factor", "3"),
        ("log.segment.bytes", "7"),
        ("auto.create.topics.enable", "maybe"),
        ("zookeeper.connect", "elsewhere:2181"),
    ]);
    let problems = Config::from_properties(&file).expect_err("five problems");
    assert_eq!(problems.len(), 5, "{problems:#?}");
    let remedy = problems.iter().find(|problem| problem.contains("default.replication.factor"));
    assert!(remedy.is_some_and(|problem| problem.contains("external Kafka cluster")));
}

#[test]
fn a_sound_file_becomes_the_configuration() {
    let file = entries(&[
        ("broker.id", "5"),
        ("socket.request.max.bytes", "1000000"),
        ("offsets.topic.num.partitions", "10"),
    ]);
    let config = Config::from_properties(&file).expect("a sound file");
    assert_eq!((config.node_id, config.request_bytes_max), (5, 1_000_000));
    assert_eq!(config.requests_bytes_max, Config::default().requests_bytes_max);
    assert_eq!(config.number("offsets.topic.num.partitions"), 10);
    assert_eq!(config.number("transaction.state.log.num.partitions"), 50);
}
