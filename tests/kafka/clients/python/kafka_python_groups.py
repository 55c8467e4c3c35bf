"""kafka-python: consumer groups, their offsets, and transactions."""

import threading

from checks import equal, fails, until
from cluster import COMMITTED, UNCOMMITTED, auto_commit, numbers
from kafka import OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import InvalidProducerEpochError, ProducerFencedError
from kafka_python_cluster import is_error, poll, texts

PARTITIONS = 4


def add(checks, cluster):
    checks.check("group-eager", join_and_leave, cluster, RangePartitionAssignor)
    checks.check("group-cooperative", join_and_leave, cluster, CooperativeStickyAssignor)
    checks.check("group-static", static_member, cluster)
    checks.check("group-resumes", resumes, cluster)
    checks.check("group-auto-commit", auto_commit, cluster, poll, committed)
    checks.check("offsets-with-metadata", offsets_with_metadata, cluster)
    checks.check("consume-transform-produce", transform, cluster)
    checks.check("transaction-commit", commit, cluster)
    checks.check("transaction-abort", abort, cluster)
    checks.check("transaction-fencing", fencing, cluster)


class Member:
    """A member that polls all the time in a thread of its own, as applications do: one that is not polled
    holds up the others whenever the group is shared out anew.
    """

    def __init__(self, cluster, topic, **settings):
        self.partitions = set()
        self.values = []
        self._leaves = threading.Event()
        self._thread = threading.Thread(target=self._poll, args=(cluster, topic, settings), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failure):
        self._leaves.set()
        self._thread.join()

    def _poll(self, cluster, topic, settings):
        with cluster.consumer(**settings) as consumer:
            consumer.subscribe([topic])
            while not self._leaves.is_set():
                # Polls of 100 ms leave one join in twenty unfinished for ever, with any broker.
                for fetched in consumer.poll(timeout_ms=1000).values():
                    self.values.extend(texts(fetched))
                self.partitions = consumer.assignment()


def owns_all(member):
    return len(member.partitions) == PARTITIONS


def shared(one, other):
    half = len(one.partitions) == PARTITIONS // 2 and len(other.partitions) == PARTITIONS // 2
    return half and len(one.partitions | other.partitions) == PARTITIONS


def join_and_leave(cluster, assignor):
    topic = cluster.new_topic(PARTITIONS)
    settings = {"group_id": cluster.names.new("group"), "partition_assignment_strategy": [assignor], "heartbeat_interval_ms": 200}
    with Member(cluster, topic, **settings) as first:
        until(lambda: owns_all(first), "one member owns all")
        with Member(cluster, topic, **settings) as second, cluster.producer() as producer:
            until(lambda: shared(first, second), "two members share")
            for partition in range(PARTITIONS):
                producer.send(topic, str(partition).encode(), partition=partition).get(10)
            until(lambda: len(first.values + second.values) >= PARTITIONS, "all records are read")
            equal(numbers(PARTITIONS), sorted(first.values + second.values), "values read")
        until(lambda: owns_all(first), "the one that stays owns all")


def static_member(cluster):
    topic = cluster.new_topic(PARTITIONS)
    settings = {"group_id": cluster.names.new("group"), "heartbeat_interval_ms": 200}
    with Member(cluster, topic, group_instance_id="stays", **settings) as stays:
        with Member(cluster, topic, group_instance_id="comes-and-goes", **settings) as leaves:
            until(lambda: shared(stays, leaves), "two members share")
            before = leaves.partitions
        with Member(cluster, topic, group_instance_id="comes-and-goes", **settings) as back:
            until(lambda: shared(stays, back), "two members share again")
            equal(before, back.partitions, "partitions after coming back")


def resumes(cluster):
    topic = cluster.new_topic()
    group = cluster.names.new("group")
    cluster.fill(topic, 20)
    for start in [0, 10]:
        with cluster.consumer(group_id=group, max_poll_records=10) as consumer:
            consumer.subscribe([topic])
            equal(numbers(20)[start:start + 10], texts(poll(consumer, 10)), "values")
            consumer.commit()


def committed(consumer, topic):
    """The offset that a consumer's group has committed for partition 0."""
    return consumer.committed(TopicPartition(topic, 0))


def offsets_with_metadata(cluster):
    topic = cluster.new_topic(2)
    group = cluster.names.new("group")
    offset = OffsetAndMetadata(7, "where I was: ✓", 0)
    with cluster.consumer(group_id=group) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.commit({TopicPartition(topic, 0): offset})
        equal(offset, consumer.committed(TopicPartition(topic, 0), metadata=True), "committed")
        equal(None, consumer.committed(TopicPartition(topic, 1)), "an offset nobody committed")


def commit(cluster):
    topic, other = cluster.new_topic(), cluster.new_topic()
    with cluster.producer(transactional_id=cluster.names.new("tx")) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(topic, b"a")
        producer.send(other, b"b")
        producer.commit_transaction()
    cluster.expect(topic, COMMITTED, ["a"])
    cluster.expect(other, COMMITTED, ["b"])


def abort(cluster):
    topic = cluster.new_topic()
    with cluster.producer(transactional_id=cluster.names.new("tx")) as producer:
        producer.init_transactions()
        for i, end in enumerate([producer.commit_transaction, producer.abort_transaction, producer.commit_transaction]):
            producer.begin_transaction()
            producer.send(topic, str(i).encode()).get(10)
            end()
    cluster.expect(topic, COMMITTED, ["0", "2"])
    cluster.expect(topic, UNCOMMITTED, ["0", "1", "2"])


def fencing(cluster):
    topic = cluster.new_topic()
    name = cluster.names.new("tx")
    with cluster.producer(transactional_id=name) as old, cluster.producer(transactional_id=name) as fresh:
        old.init_transactions()
        old.begin_transaction()
        old.send(topic, b"of the old one").get(10)
        fresh.init_transactions()
        with fails(is_error(ProducerFencedError, InvalidProducerEpochError), "committing with the old producer"):
            old.commit_transaction()
        fresh.begin_transaction()
        fresh.send(topic, b"of the new one").get(10)
        fresh.commit_transaction()
    cluster.expect(topic, COMMITTED, ["of the new one"])


def transform(cluster):
    """Doubles numbers from one topic into another; every third round is aborted and done again."""
    source, target = cluster.new_topic(), cluster.new_topic()
    partition = TopicPartition(source, 0)
    cluster.fill(source, 50)
    settings = {"group_id": cluster.names.new("group"), "isolation_level": COMMITTED, "max_poll_records": 10}
    with cluster.producer(transactional_id=cluster.names.new("tx")) as producer, cluster.consumer(**settings) as consumer:
        producer.init_transactions()
        consumer.subscribe([source])
        done = turn = 0
        while done < 50:
            records = poll(consumer, 1)
            producer.begin_transaction()
            for record in records:
                producer.send(target, str(2 * int(record.value)).encode())
            producer.flush(10)
            position = OffsetAndMetadata(consumer.position(partition), "", -1)
            producer.send_offsets_to_transaction({partition: position}, consumer.group_metadata())
            if turn % 3 == 0:
                producer.abort_transaction()
                consumer.seek(partition, done)
            else:
                producer.commit_transaction()
                done += len(records)
            turn += 1
        until(lambda: committed(consumer, source) == 50, "the last offset is committed")
    cluster.expect_doubled(target, 50)
