//! Configurations are told, changed, and outlive a crash.

use commitlog::{Log as _, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_request::{
    AlterConfigsResource as ReplacedResource, AlterableConfig as Replaced,
};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::{
    AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
    ListConfigResourcesRequest,
};
use testkit::disk::Crash;

use super::{create, text, wanted, with_config};
use crate::Config;
use crate::tests::harness::{Client, Harness};

pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

pub(super) const SET: i8 = 0;
pub(super) const DELETE: i8 = 1;
pub(super) const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

async fn describe(client: &mut Client, kind: i8, name: &str) -> DescribeConfigsResult {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configuration_keys(None);
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true)
        .with_include_documentation(true);
    client.ask(4, request).await.results.remove(0)
}

fn entry<'a>(result: &'a DescribeConfigsResult, name: &str) -> &'a DescribeConfigsResourceResult {
    result.configs.iter().find(|entry| &*entry.name == name).expect(name)
}

/// A change: name, operation and value.
type Wanted = (&'static str, i8, &'static str);

/// Value and source.
fn value(result: &DescribeConfigsResult, name: &str) -> (String, i8) {
    let entry = entry(result, name);
    let value = entry.value.as_ref().map_or("null", |value| value.as_str());
    (value.to_owned(), entry.config_source)
}

/// Makes changes of (name, operation, value); the error code.
pub(super) async fn alter(
    client: &mut Client,
    kind: i8,
    name: &str,
    changes: &[(&str, i8, &str)],
) -> i16 {
    ask_to_alter(client, kind, name, changes, false).await
}

async fn ask_to_alter(
    client: &mut Client,
    kind: i8,
    name: &str,
    changes: &[(&str, i8, &str)],
    validate_only: bool,
) -> i16 {
    let config = |(name, operation, value): &(&str, i8, &str)| {
        AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(*operation)
            .with_value(Some(text(value)))
    };
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(changes.iter().map(config).collect());
    let request = IncrementalAlterConfigsRequest::default()
        .with_resources(vec![resource])
        .with_validate_only(validate_only);
    client.ask(1, request).await.responses[0].error_code
}

#[tokio::test(start_paused = true)]
async fn every_entry_of_a_topic_is_told_with_its_sources() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![with_config(wanted("orders"), "segment.ms", "60000")]).await;
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!((told.error_code, told.configs.len()), (0, 33));
    assert_eq!(value(&told, "segment.ms"), ("60000".to_owned(), 1));
    assert_eq!(value(&told, "cleanup.policy"), ("delete".to_owned(), 5));
    let retention = entry(&told, "retention.ms");
    assert_eq!((retention.config_type, retention.read_only), (5, false));
    assert!(retention.documentation.is_some());
    let synonyms: Vec<&str> = retention.synonyms.iter().map(|synonym| &*synonym.name).collect();
    assert_eq!(synonyms, ["log.retention.hours"]);
    let own = &entry(&told, "segment.ms").synonyms[0];
    assert_eq!((&*own.name, own.source), ("segment.ms", 1));
}

#[tokio::test(start_paused = true)]
async fn only_what_is_asked_for_is_told() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    for version in 1..=4 {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text("orders"))
            .with_configuration_keys(Some(vec![text("retention.ms"), text("no.such.entry")]));
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let told = client.ask(version, request).await.results.remove(0);
        assert_eq!(told.configs.len(), 1, "version {version}");
        assert!(told.configs[0].synonyms.is_empty(), "version {version}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_changed_bit_by_bit_and_stays_so() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    let changes = [
        ("retention.ms", SET, "1000"),
        ("cleanup.policy", APPEND, "compact"),
        ("flush.ms", SET, "5"),
    ];
    assert_eq!(alter(&mut client, TOPIC, "orders", &changes).await, 0);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("1000".to_owned(), 1));
    assert_eq!(value(&told, "cleanup.policy"), ("delete,compact".to_owned(), 1));
    assert_eq!(value(&told, "flush.ms"), ("5".to_owned(), 1));
    let kept = harness.broker.log.topic("orders").expect("the topic").config;
    assert_eq!((kept.retention_ms, kept.compact, kept.delete), (Some(1000), true, true));

    let changes = [("retention.ms", DELETE, ""), ("cleanup.policy", SUBTRACT, "delete")];
    assert_eq!(alter(&mut client, TOPIC, "orders", &changes).await, 0);
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("604800000".to_owned(), 5));
    assert_eq!(value(&told, "cleanup.policy"), ("compact".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn changes_that_cannot_be_change_nothing() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    let invalid = ResponseError::InvalidConfig.code();
    let request = ResponseError::InvalidRequest.code();
    let unknown = ResponseError::UnknownTopicOrPartition.code();
    let cases: [(i8, &str, &[Wanted], i16); 11] = [
        (TOPIC, "orders", &[("retention.ms", SET, "1"), ("no.such", SET, "1")], invalid),
        (TOPIC, "orders", &[("retention.ms", SET, "soon")], invalid),
        (TOPIC, "orders", &[("retention.ms", APPEND, "1")], invalid),
        (TOPIC, "orders", &[("retention.ms", 9, "1")], request),
        (TOPIC, "orders", &[("retention.ms", SET, "1"), ("retention.ms", SET, "2")], request),
        (TOPIC, "none", &[("retention.ms", SET, "1")], unknown),
        (BROKER, "7", &[("log.retention.ms", SET, "1")], request),
        (BROKER, "", &[("num.partitions", SET, "3")], request),
        (BROKER, "", &[("log.retention.ms", SET, "soon")], request),
        (BROKER_LOGGER, "1", &[("root", SET, "DEBUG")], request),
        (GROUP, "g", &[("consumer.session.timeout.ms", SET, "1")], invalid),
    ];
    for (kind, name, changes, expected) in cases {
        assert_eq!(alter(&mut client, kind, name, changes).await, expected, "{name} {changes:?}");
    }
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("604800000".to_owned(), 5));
    let changes = [("retention.ms", SET, "1")];
    assert_eq!(ask_to_alter(&mut client, TOPIC, "orders", &changes, true).await, 0);
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("604800000".to_owned(), 5));
}

#[tokio::test(start_paused = true)]
async fn the_older_request_forgets_what_it_does_not_name() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![with_config(wanted("orders"), "segment.ms", "60000")]).await;
    let config = Replaced::default().with_name(text("retention.ms")).with_value(Some(text("1000")));
    let resource = ReplacedResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text("orders"))
        .with_configs(vec![config]);
    let request = AlterConfigsRequest::default().with_resources(vec![resource]);
    assert_eq!(client.ask(2, request).await.responses[0].error_code, 0);
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("1000".to_owned(), 1));
    assert_eq!(value(&told, "segment.ms"), ("604800000".to_owned(), 5));
}

#[tokio::test(start_paused = true)]
async fn topics_follow_what_is_set_for_all_brokers() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    let own = with_config(wanted("own"), "retention.ms", "604800000");
    create(&mut client, vec![wanted("follows"), own]).await;
    let made = TopicConfig { retention_ms: Some(5), ..TopicConfig::with_partitions(1) };
    harness.broker.log.create_topic("made", &made).expect("a new topic");
    let changes = [("log.retention.ms", SET, "1000")];
    assert_eq!(alter(&mut client, BROKER, "", &changes).await, 0);
    let retention_ms = |harness: &Harness, name: &str| {
        harness.broker.log.topic(name).expect("the topic").config.retention_ms
    };
    for _ in 0..2 {
        assert_eq!(retention_ms(&harness, "follows"), Some(1000));
        assert_eq!(retention_ms(&harness, "own"), Some(604_800_000));
        assert_eq!(retention_ms(&harness, "made"), Some(5));
        let mut client = harness.client();
        let told = describe(&mut client, TOPIC, "follows").await;
        assert_eq!(value(&told, "retention.ms"), ("1000".to_owned(), 3));
        let told = describe(&mut client, BROKER, "").await;
        assert_eq!(told.configs.len(), 1);
        assert_eq!(value(&told, "log.retention.ms"), ("1000".to_owned(), 3));
        harness.crash(Crash::LoseUnsynced);
    }
    let mut client = harness.client();
    assert_eq!(alter(&mut client, BROKER, "", &[("log.retention.ms", DELETE, "")]).await, 0);
    assert_eq!(retention_ms(&harness, "follows"), Some(604_800_000));
    assert_eq!(retention_ms(&harness, "made"), Some(5));
}

#[tokio::test(start_paused = true)]
async fn the_brokers_own_entries_are_told_without_secrets() {
    let mut config = Config::default();
    let properties = [("ssl.keystore.password", "secret"), ("log.retention.hours", "24")];
    let properties = properties.map(|(name, text)| (name.to_owned(), text.to_owned()));
    config.properties.extend(properties);
    let harness = Harness::with_config(config);
    let mut client = harness.client();
    let told = describe(&mut client, BROKER, "1").await;
    assert!(told.configs.len() > 250, "{} entries", told.configs.len());
    assert_eq!(value(&told, "log.retention.hours"), ("24".to_owned(), 4));
    assert_eq!(value(&told, "node.id"), ("1".to_owned(), 4));
    assert!(entry(&told, "node.id").read_only);
    let password = entry(&told, "ssl.keystore.password");
    assert!(password.is_sensitive);
    assert_eq!(password.value, None);
    assert!(password.synonyms.iter().all(|synonym| synonym.value.is_none()));
    create(&mut client, vec![wanted("orders")]).await;
    let told = describe(&mut client, TOPIC, "orders").await;
    assert_eq!(value(&told, "retention.ms"), ("86400000".to_owned(), 4));
}

#[tokio::test(start_paused = true)]
async fn groups_and_metrics_subscriptions_have_configurations() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    let changes = [("consumer.session.timeout.ms", SET, "50000")];
    assert_eq!(alter(&mut client, GROUP, "billing", &changes).await, 0);
    let changes = [("match", SET, "client_id=a.*"), ("interval.ms", SET, "1000")];
    assert_eq!(alter(&mut client, CLIENT_METRICS, "all", &changes).await, 0);
    let wrong = [("match", SET, "colour=red")];
    let invalid = ResponseError::InvalidConfig.code();
    assert_eq!(alter(&mut client, CLIENT_METRICS, "all", &wrong).await, invalid);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let told = describe(&mut client, GROUP, "billing").await;
    assert_eq!(value(&told, "consumer.session.timeout.ms"), ("50000".to_owned(), 8));
    assert_eq!(value(&told, "consumer.heartbeat.interval.ms"), ("5000".to_owned(), 5));
    let told = describe(&mut client, CLIENT_METRICS, "all").await;
    assert_eq!(value(&told, "interval.ms"), ("1000".to_owned(), 7));
    let timeout = "consumer.session.timeout.ms";
    assert_eq!(harness.broker.settings.group_number("billing", timeout), 50_000);
    assert_eq!(harness.broker.settings.group_number("other", timeout), 45_000);

    let listed = client.ask(1, ListConfigResourcesRequest::default()).await.config_resources;
    let names: Vec<(i8, String)> = listed
        .iter()
        .map(|resource| (resource.resource_type, resource.resource_name.to_string()))
        .collect();
    for expected in [(GROUP, "billing"), (CLIENT_METRICS, "all"), (BROKER, "1")] {
        assert!(names.contains(&(expected.0, expected.1.to_owned())), "{names:?}");
    }
    let listed = client.ask(0, ListConfigResourcesRequest::default()).await.config_resources;
    assert_eq!(listed.len(), 1);
    assert_eq!(alter(&mut client, GROUP, "billing", &[(timeout, DELETE, "")]).await, 0);
    assert_eq!(harness.broker.settings.group_number("billing", timeout), 45_000);
}
