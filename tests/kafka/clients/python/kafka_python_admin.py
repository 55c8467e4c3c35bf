"""kafka-python: admin calls."""

from checks import equal, fails, until
from kafka import OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, OffsetSpec
from kafka.errors import (
    InvalidConfigurationError, InvalidPartitionsError, InvalidReplicationFactorError, InvalidTopicError,
    TopicAlreadyExistsError, UnknownTopicOrPartitionError)
from kafka_python_cluster import is_error, poll


def add(checks, cluster):
    checks.check("admin-topics", topics, cluster)
    checks.check("admin-topics-refused", topics_refused, cluster)
    checks.check("admin-partitions", partitions, cluster)
    checks.check("admin-configs", configs, cluster)
    checks.check("admin-alter-configs-whole", configs_whole, cluster)
    checks.check("admin-delete-records", delete_records, cluster)
    checks.check("admin-list-offsets", list_offsets, cluster)
    checks.check("admin-groups", groups, cluster)
    checks.check("admin-group-offsets", group_offsets, cluster)
    checks.check("admin-cluster", describe_cluster, cluster)
    checks.check("admin-log-dirs", log_dirs, cluster)
    checks.check("admin-transactions", transactions, cluster)
    checks.check("admin-producers", producers, cluster)


def one_partition(**settings):
    return {"num_partitions": 1, "replication_factor": 1, **settings}


def topics(cluster):
    topic = cluster.names.new("topic")
    with cluster.admin() as admin:
        admin.create_topics({topic: one_partition(num_partitions=3)}, wait_for_metadata=True)
        assert topic in admin.list_topics(), "not listed"
        described = admin.describe_topics([topic])[0]
        equal(3, len(described["partitions"]), "partitions")
        for partition in described["partitions"]:
            equal([partition["leader_id"]], partition["replica_nodes"], "replicas")
            equal([partition["leader_id"]], partition["isr_nodes"], "in-sync replicas")
        admin.delete_topics([topic])
        with fails(is_error(UnknownTopicOrPartitionError), "deleting it again"):
            admin.delete_topics([topic])


def topics_refused(cluster):
    topic, fresh = cluster.new_topic(), cluster.names.new("topic")
    refused = [
        (TopicAlreadyExistsError, topic, one_partition()),
        (InvalidReplicationFactorError, fresh, one_partition(replication_factor=3)),
        (InvalidPartitionsError, fresh, one_partition(num_partitions=0)),
        (InvalidTopicError, "no/slash", one_partition()),
        (InvalidConfigurationError, fresh, one_partition(configs={"retention.ms": "soon"})),
    ]
    with cluster.admin() as admin:
        for error, name, options in refused:
            with fails(is_error(error), f"creating what is {error.__name__}"):
                admin.create_topics({name: options})


def partitions(cluster):
    topic = cluster.new_topic(2)
    with cluster.admin() as admin:
        admin.create_partitions({topic: 5})
        until(lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 5, "there are five partitions")
        with fails(is_error(InvalidPartitionsError), "removing partitions"):
            admin.create_partitions({topic: 3})


def described(admin, topic):
    return admin.describe_configs([ConfigResource("TOPIC", topic)], config_filter="all")["topic"][topic]


def configs(cluster):
    topic = cluster.new_topic(retention_ms="60000")
    changes = {"max.message.bytes": "2000", "retention.ms": ("DELETE", None), "cleanup.policy": ("APPEND", "compact")}
    with cluster.admin() as admin:
        admin.alter_configs([ConfigResource("TOPIC", topic, changes)])
        now = described(admin, topic)
        equal(("2000", "DYNAMIC_TOPIC_CONFIG"), told(now["max.message.bytes"]), "max.message.bytes")
        equal(("604800000", "DEFAULT_CONFIG"), told(now["retention.ms"]), "retention.ms")
        equal("delete,compact", now["cleanup.policy"]["value"], "cleanup.policy")


def told(entry):
    return entry["value"], entry["config_source"]


def configs_whole(cluster):
    """The older request replaces all of a topic's own configuration."""
    topic = cluster.new_topic(retention_ms="60000")
    with cluster.admin() as admin:
        admin.alter_configs([ConfigResource("TOPIC", topic, {"max.message.bytes": "2000"})], incremental=False)
        equal(("2000", "DYNAMIC_TOPIC_CONFIG"), told(described(admin, topic)["max.message.bytes"]), "max.message.bytes")


def delete_records(cluster):
    topic = cluster.new_topic()
    partition = TopicPartition(topic, 0)
    cluster.fill(topic, 10)
    with cluster.admin() as admin:
        equal(6, admin.delete_records({partition: 6})[partition]["low_watermark"], "log start offset")
    equal(["6", "7", "8", "9"], cluster.values(topic), "values")


def list_offsets(cluster):
    topic = cluster.new_topic(retention_ms="-1")
    partition = TopicPartition(topic, 0)
    with cluster.admin() as admin, cluster.producer() as producer:
        for timestamp in [1000, 5000, 3000]:
            producer.send(topic, b"value", timestamp_ms=timestamp).get(10)
        specs = {"earliest": OffsetSpec.EARLIEST, "latest": OffsetSpec.LATEST, "largest": OffsetSpec.MAX_TIMESTAMP, "by time": 2000}
        listed = {name: admin.list_partition_offsets({partition: spec})[partition].offset for name, spec in specs.items()}
        equal({"earliest": 0, "latest": 3, "largest": 1, "by time": 1}, listed, "offsets")


def groups(cluster):
    topic, group = cluster.new_topic(2), cluster.names.new("group")
    cluster.fill(topic, 1)
    with cluster.admin() as admin:
        with cluster.consumer(group_id=group) as consumer:
            consumer.subscribe([topic])
            poll(consumer, 1)
            listed = {g["group_id"]: g for g in admin.list_groups()}[group]
            equal(("consumer", "Stable", "classic"), (listed["protocol_type"], listed["group_state"], listed["group_type"]), "listed")
            members = admin.describe_groups([group])[group]["members"]
            equal(1, len(members), "members")
            equal({group: "NonEmptyGroupError"}, admin.delete_groups([group]), "deleting a group with members")
        equal({group: "OK"}, admin.delete_groups([group]), "deleting an empty group")
        equal({group: "GroupIdNotFoundError"}, admin.delete_groups([group]), "deleting it again")


def group_offsets(cluster):
    topic, group = cluster.new_topic(2), cluster.names.new("group")
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    offset = OffsetAndMetadata(5, "by hand", -1)
    with cluster.admin() as admin:
        admin.alter_group_offsets(group, {first: offset, second: offset})
        equal({first: offset, second: offset}, admin.list_group_offsets(group)[group], "offsets")
        admin.delete_group_offsets(group, [first])
        equal({second: offset}, admin.list_group_offsets(group)[group], "offsets after deleting one")


def describe_cluster(cluster):
    with cluster.admin() as admin:
        told_of = admin.describe_cluster()
        equal([told_of["controller_id"]], [broker["broker_id"] for broker in told_of["brokers"]], "brokers")
        assert told_of["cluster_id"], "the cluster has no id"


def log_dirs(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 100)
    with cluster.admin() as admin:
        directories = admin.describe_log_dirs([topic])[0]["log_dirs"]
        sizes = [partition["partition_size"] for directory in directories for found in directory["topics"]
                 if found["name"] == topic for partition in found["partitions"]]
        assert len(sizes) == 1 and sizes[0] > 0, f"sizes of the partition: {sizes}"


def transactions(cluster):
    topic, name = cluster.new_topic(), cluster.names.new("tx")
    with cluster.admin() as admin, cluster.producer(transactional_id=name) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(topic, b"value").get(10)
        equal("Ongoing", state(admin, name), "state")
        listed = [listing.transactional_id for listings in admin.list_transactions(state_filters=["Ongoing"]).values() for listing in listings]
        assert name in listed, "not listed as ongoing"
        producer.commit_transaction()
        until(lambda: state(admin, name) == "CompleteCommit", "the transaction is complete")


def state(admin, name):
    found = admin.describe_transactions([name])[name].state
    return getattr(found, "value", found)


def producers(cluster):
    topic = cluster.new_topic()
    partition = TopicPartition(topic, 0)
    with cluster.admin() as admin, cluster.producer(transactional_id=cluster.names.new("tx")) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(topic, b"value").get(10)
        active = admin.describe_producers([partition])[partition].active_producers
        equal([(0, 0)], [(p.last_sequence, p.current_transaction_start_offset) for p in active], "producers")
        producer.abort_transaction()
