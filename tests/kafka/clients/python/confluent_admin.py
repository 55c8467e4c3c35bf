"""confluent-kafka: admin calls."""

from checks import equal, fails, until
from confluent_cluster import is_error, one, poll
from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, ConsumerGroupType, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions, NewTopic, ScramCredentialInfo,
    ScramMechanism, UserScramCredentialUpsertion)


def add(checks, cluster):
    checks.check("admin-topics", topics, cluster)
    checks.check("admin-topics-refused", topics_refused, cluster)
    checks.check("admin-partitions", partitions, cluster)
    checks.check("admin-configs", configs, cluster)
    checks.check("admin-delete-records", delete_records, cluster)
    checks.check("admin-groups", groups, cluster, "classic", ConsumerGroupType.CLASSIC)
    checks.check("admin-groups-consumer", groups, cluster, "consumer", ConsumerGroupType.CONSUMER)
    checks.check("admin-group-offsets", group_offsets, cluster)
    checks.check("admin-cluster", describe_cluster, cluster)
    checks.check("admin-scram-credentials", scram, cluster)


def topics(cluster):
    admin, topic = cluster.admin(), cluster.new_topic(3)
    listed = admin.list_topics(timeout=10).topics
    equal(3, len(listed[topic].partitions), "listed partitions")
    described = one(admin.describe_topics(TopicCollection([topic])))
    equal(3, len(described.partitions), "described partitions")
    for partition in described.partitions:
        equal([partition.leader.id], [node.id for node in partition.replicas], "replicas")
        equal([partition.leader.id], [node.id for node in partition.isr], "in-sync replicas")
    one(admin.delete_topics([topic]))
    until(lambda: topic not in admin.list_topics(timeout=10).topics, "the topic is gone")
    with fails(is_error("UNKNOWN_TOPIC_OR_PART"), "deleting it again"):
        one(admin.delete_topics([topic]))


def topics_refused(cluster):
    admin, topic = cluster.admin(), cluster.new_topic()
    fresh = cluster.names.new("topic")
    refused = {
        "TOPIC_ALREADY_EXISTS": NewTopic(topic, 1, 1),
        "INVALID_REPLICATION_FACTOR": NewTopic(fresh, 1, 3),
        "TOPIC_EXCEPTION": NewTopic("no/slash", 1, 1),
        "INVALID_CONFIG": NewTopic(fresh, 1, 1, config={"retention.ms": "soon"}),
    }
    for error, new in refused.items():
        with fails(is_error(error), f"creating what is {error}"):
            one(admin.create_topics([new]))


def partitions(cluster):
    admin, topic = cluster.admin(), cluster.new_topic(2)
    one(admin.create_partitions([NewPartitions(topic, 5)]))
    until(lambda: len(one(admin.describe_topics(TopicCollection([topic]))).partitions) == 5, "there are five partitions")
    with fails(is_error("INVALID_PARTITIONS"), "removing partitions"):
        one(admin.create_partitions([NewPartitions(topic, 3)]))


def configs(cluster):
    admin, topic = cluster.admin(), cluster.new_topic(retention_ms="60000")
    operations = [("max.message.bytes", "2000", AlterConfigOpType.SET), ("retention.ms", None, AlterConfigOpType.DELETE),
                  ("cleanup.policy", "compact", AlterConfigOpType.APPEND)]
    entries = [ConfigEntry(name, value, incremental_operation=how) for name, value, how in operations]
    one(admin.incremental_alter_configs([ConfigResource("topic", topic, incremental_configs=entries)]))
    described = one(admin.describe_configs([ConfigResource("topic", topic)]))
    equal("2000", described["max.message.bytes"].value, "max.message.bytes")
    equal(ConfigSource.DYNAMIC_TOPIC_CONFIG.value, described["max.message.bytes"].source, "source")
    equal("604800000", described["retention.ms"].value, "retention.ms")
    equal(ConfigSource.DEFAULT_CONFIG.value, described["retention.ms"].source, "source")
    equal("delete,compact", described["cleanup.policy"].value, "cleanup.policy")
    wrong = [ConfigEntry("retention.ms", "soon", incremental_operation=AlterConfigOpType.SET)]
    with fails(is_error("INVALID_CONFIG"), "a wrong value"):
        one(admin.incremental_alter_configs([ConfigResource("topic", topic, incremental_configs=wrong)]))


def delete_records(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    deleted = one(cluster.admin().delete_records([TopicPartition(topic, 0, 6)]))
    equal(6, deleted.low_watermark, "log start offset")
    equal(["6", "7", "8", "9"], cluster.values(topic), "values")


def groups(cluster, protocol, kind):
    admin, topic, group = cluster.admin(), cluster.new_topic(2), cluster.names.new("group")
    cluster.fill(topic, 1)
    with cluster.consumer(group_id=group, group_protocol=protocol) as consumer:
        consumer.subscribe([topic])
        poll(consumer, 1)
        listed = {g.group_id: g for g in admin.list_consumer_groups().result(10).valid}
        equal((kind, ConsumerGroupState.STABLE), (listed[group].type, listed[group].state), "listed")
        described = one(admin.describe_consumer_groups([group]))
        equal(ConsumerGroupState.STABLE, described.state, "state")
        equal(2, len(described.members[0].assignment.topic_partitions), "partitions of the member")
        with fails(is_error("NON_EMPTY_GROUP"), "deleting a group with members"):
            one(admin.delete_consumer_groups([group]))
    one(admin.delete_consumer_groups([group]))
    with fails(is_error("GROUP_ID_NOT_FOUND"), "deleting it again"):
        one(admin.delete_consumer_groups([group]))


def group_offsets(cluster):
    admin, topic, group = cluster.admin(), cluster.new_topic(), cluster.names.new("group")
    wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 5, "by hand")])
    one(admin.alter_consumer_group_offsets([wanted]))
    listed = one(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])).topic_partitions
    equal([(topic, 0, 5, "by hand")], [(p.topic, p.partition, p.offset, p.metadata) for p in listed], "offsets")


def describe_cluster(cluster):
    described = cluster.admin().describe_cluster().result(10)
    equal(1, len(described.nodes), "nodes")
    assert described.cluster_id, "the cluster has no id"


def scram(cluster):
    admin, user = cluster.admin(), cluster.names.new("user")
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    one(admin.alter_user_scram_credentials([UserScramCredentialUpsertion(user, info, b"secret", b"salt")]))
    until(lambda: knows_user(admin, user), "the user is described")


def knows_user(admin, user):
    try:
        credentials = one(admin.describe_user_scram_credentials([user])).scram_credential_infos
    except Exception as failure:
        # The change may not have reached the broker yet.
        assert is_error("RESOURCE_NOT_FOUND")(failure), failure
        return False
    return credentials[0].mechanism == ScramMechanism.SCRAM_SHA_512
