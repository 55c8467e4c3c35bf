"""Clients of kafka-python for the broker under check. Each check closes what it opens."""

import contextlib
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

UNCOMMITTED = "read_uncommitted"
COMMITTED = "read_committed"


class Cluster:
    """The broker under check, seen by one run."""

    def __init__(self, bootstrap, names):
        self.bootstrap = bootstrap
        self.names = names

    @contextlib.contextmanager
    def admin(self):
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=8000)
        try:
            yield admin
        finally:
            admin.close()

    @contextlib.contextmanager
    def producer(self, **settings):
        limits = {"max_block_ms": 8000, "request_timeout_ms": 8000, "delivery_timeout_ms": 10000, "retry_backoff_ms": 20}
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, **{**limits, **settings})
        try:
            yield producer
        finally:
            producer.close(timeout=1)

    @contextlib.contextmanager
    def consumer(self, **settings):
        defaults = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "fetch_max_wait_ms": 50, "retry_backoff_ms": 20}
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, **{**defaults, **settings})
        try:
            yield consumer
        finally:
            consumer.close()

    def new_topic(self, partitions=1, **configuration):
        """Creates a topic of a new name; names of settings are written with underscores."""
        topic = self.names.new("topic")
        self.create_topic(topic, partitions, **configuration)
        return topic

    def create_topic(self, topic, partitions, **configuration):
        configs = {name.replace("_", "."): value for name, value in configuration.items()}
        with self.admin() as admin:
            options = {"num_partitions": partitions, "replication_factor": 1, "configs": configs}
            admin.create_topics({topic: options}, wait_for_metadata=True)

    def fill(self, topic, count):
        """Writes the values `0`, `1`, ... to partition 0 and waits until all are acknowledged."""
        with self.producer() as producer:
            sent = [producer.send(topic, str(i).encode(), partition=0) for i in range(count)]
            for answer in sent:
                answer.get(10)

    def read_all(self, topic, isolation=UNCOMMITTED):
        """Every record of a topic that this isolation level shows now."""
        records = []
        with self.consumer(isolation_level=isolation) as consumer:
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
            consumer.assign(partitions)
            consumer.seek_to_beginning()
            ends = consumer.end_offsets(partitions)
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                for fetched in consumer.poll(timeout_ms=100).values():
                    records.extend(fetched)
        return records

    def values(self, topic, isolation=UNCOMMITTED):
        return texts(self.read_all(topic, isolation))

    def expect(self, topic, isolation, expected):
        """A transaction is decided a moment before its readers learn of it, so this asks again."""
        for _ in range(50):
            shown = self.values(topic, isolation)
            if len(shown) >= len(expected):
                break
            time.sleep(0.05)
        assert shown == expected, f"{isolation} values: expected {expected}, got {shown}"


def poll(consumer, count):
    """Waits for as many records."""
    records = []
    while len(records) < count:
        for fetched in consumer.poll(timeout_ms=200).values():
            records.extend(fetched)
    return records


def texts(records):
    return [record.value.decode() for record in records]


def numbers(count):
    """The values that `fill` writes."""
    return [str(i) for i in range(count)]


def is_error(*kinds):
    """Recognises an error by its class."""
    return lambda failure: isinstance(failure, kinds)
