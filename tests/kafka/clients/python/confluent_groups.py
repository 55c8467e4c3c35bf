"""confluent-kafka: consumer groups of every protocol, their offsets, and transactions."""

from checks import equal, fails, until
from cluster import COMMITTED, UNCOMMITTED, auto_commit, numbers
from confluent_cluster import is_error, one, poll, texts
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

PARTITIONS = 4


def add(checks, cluster):
    checks.check("group-consumer-protocol", join_and_leave, cluster, {"group_protocol": "consumer"})
    checks.check("group-eager", join_and_leave, cluster, {"partition_assignment_strategy": "range"})
    checks.check("group-cooperative", join_and_leave, cluster, {"partition_assignment_strategy": "cooperative-sticky"})
    checks.check("group-static", static_member, cluster)
    checks.check("group-resumes", resumes, cluster, {})
    checks.check("group-consumer-resumes", resumes, cluster, {"group_protocol": "consumer"})
    checks.check("group-auto-commit", auto_commit, cluster, poll, committed)
    checks.check("offsets-with-metadata", offsets_with_metadata, cluster)
    checks.check("consume-transform-produce", transform, cluster)
    checks.check("transaction-commit", commit, cluster)
    checks.check("transaction-abort", abort, cluster)
    checks.check("transaction-fencing", fencing, cluster)


def poll_until(condition, what, *members):
    """Polls all members in turn until the condition holds."""
    def turn():
        for member in members:
            member.poll(0.05)
        return condition()
    until(turn, what)


def owns(member, count):
    return len(member.assignment()) == count


def shared(one_member, other):
    union = {p.partition for p in one_member.assignment() + other.assignment()}
    return owns(one_member, PARTITIONS // 2) and owns(other, PARTITIONS // 2) and len(union) == PARTITIONS


def join_and_leave(cluster, protocol):
    topic = cluster.new_topic(PARTITIONS)
    group = cluster.names.new("group")
    if "group_protocol" not in protocol:
        protocol = {**protocol, "heartbeat_interval_ms": 200}
    with cluster.consumer(group_id=group, **protocol) as first:
        first.subscribe([topic])
        poll_until(lambda: owns(first, PARTITIONS), "one member owns all", first)
        with cluster.consumer(group_id=group, **protocol) as second:
            second.subscribe([topic])
            poll_until(lambda: shared(first, second), "two members share", first, second)
            producer = cluster.producer()
            for partition in range(PARTITIONS):
                cluster.produce(producer, topic, str(partition), partition=partition)
            equal(numbers(PARTITIONS), sorted(texts(poll(first, 2) + poll(second, 2))), "values read")
        poll_until(lambda: owns(first, PARTITIONS), "the one that stays owns all", first)


def static_member(cluster):
    topic = cluster.new_topic(PARTITIONS)
    group = cluster.names.new("group")
    settings = {"group_id": group, "heartbeat_interval_ms": 200}
    with cluster.consumer(group_instance_id="stays", **settings) as stays:
        stays.subscribe([topic])
        with cluster.consumer(group_instance_id="comes-and-goes", **settings) as leaves:
            leaves.subscribe([topic])
            poll_until(lambda: shared(stays, leaves), "two members share", stays, leaves)
            before = sorted(p.partition for p in leaves.assignment())
        with cluster.consumer(group_instance_id="comes-and-goes", **settings) as back:
            back.subscribe([topic])
            poll_until(lambda: shared(stays, back), "two members share again", stays, back)
            equal(before, sorted(p.partition for p in back.assignment()), "partitions after coming back")


def resumes(cluster, protocol):
    topic = cluster.new_topic()
    group = cluster.names.new("group")
    cluster.fill(topic, 20)
    for start in [0, 10]:
        with cluster.consumer(group_id=group, **protocol) as consumer:
            consumer.subscribe([topic])
            records = poll(consumer, 10)
            equal(numbers(20)[start:start + 10], texts(records), "values")
            consumer.commit(message=records[-1], asynchronous=False)


def committed(consumer, topic):
    """The offset that a consumer's group has committed for partition 0."""
    return consumer.committed([TopicPartition(topic, 0)], timeout=10)[0].offset


def offsets_with_metadata(cluster):
    topic = cluster.new_topic(2)
    group = cluster.names.new("group")
    with cluster.consumer(group_id=group) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 7, "where I was: ✓")], asynchronous=False)
        first, second = consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], timeout=10)
        equal((7, "where I was: ✓"), (first.offset, first.metadata), "committed")
        equal(-1001, second.offset, "an offset nobody committed")
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    listed = one(cluster.admin().list_consumer_group_offsets([request])).topic_partitions
    equal((7, "where I was: ✓"), (listed[0].offset, listed[0].metadata), "listed")


def transactional(cluster, name=None):
    producer = cluster.producer(transactional_id=name or cluster.names.new("tx"))
    producer.init_transactions(10)
    return producer


def commit(cluster):
    topic, other = cluster.new_topic(), cluster.new_topic()
    producer = transactional(cluster)
    producer.begin_transaction()
    producer.produce(topic, "a")
    producer.produce(other, "b")
    producer.commit_transaction(10)
    cluster.expect(topic, COMMITTED, ["a"])
    cluster.expect(other, COMMITTED, ["b"])


def abort(cluster):
    topic = cluster.new_topic()
    producer = transactional(cluster)
    for i, end in enumerate([producer.commit_transaction, producer.abort_transaction, producer.commit_transaction]):
        producer.begin_transaction()
        cluster.produce(producer, topic, str(i))
        end(10)
    cluster.expect(topic, COMMITTED, ["0", "2"])
    cluster.expect(topic, UNCOMMITTED, ["0", "1", "2"])


def fencing(cluster):
    topic = cluster.new_topic()
    name = cluster.names.new("tx")
    old = transactional(cluster, name)
    old.begin_transaction()
    cluster.produce(old, topic, "of the old one")
    fresh = transactional(cluster, name)
    with fails(is_error("_FENCED"), "committing with the old producer"):
        old.commit_transaction(10)
    fresh.begin_transaction()
    cluster.produce(fresh, topic, "of the new one")
    fresh.commit_transaction(10)
    cluster.expect(topic, COMMITTED, ["of the new one"])


def transform(cluster):
    """Doubles numbers from one topic into another; every third round is aborted and done again."""
    source, target = cluster.new_topic(), cluster.new_topic()
    cluster.fill(source, 50)
    producer = transactional(cluster)
    with cluster.consumer(isolation_level=COMMITTED) as consumer:
        consumer.subscribe([source])
        done = turn = 0
        while done < 50:
            records = poll(consumer, 10)
            producer.begin_transaction()
            for record in records:
                producer.produce(target, str(2 * int(record.value())))
            producer.flush(10)
            positions = consumer.position(consumer.assignment())
            producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), 10)
            if turn % 3 == 0:
                producer.abort_transaction(10)
                consumer.seek(TopicPartition(source, 0, done))
            else:
                producer.commit_transaction(10)
                done += len(records)
            turn += 1
        until(lambda: committed(consumer, source) == 50, "the last offset is committed")
    cluster.expect_doubled(target, 50)
