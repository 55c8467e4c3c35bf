"""Clients of kafka-python for the broker under check. Each check closes what it opens."""

import contextlib

import cluster
from cluster import UNCOMMITTED, dotted
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition


class Cluster(cluster.Cluster):
    """The broker under check, seen by one run."""

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

    def create_topic(self, topic, partitions, **configuration):
        with self.admin() as admin:
            options = {"num_partitions": partitions, "replication_factor": 1, "configs": dotted(configuration)}
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


def poll(consumer, count):
    """Waits for as many records."""
    records = []
    while len(records) < count:
        for fetched in consumer.poll(timeout_ms=200).values():
            records.extend(fetched)
    return records


def texts(records):
    return [record.value.decode() for record in records]


def is_error(*kinds):
    """Recognises an error by its class."""
    return lambda failure: isinstance(failure, kinds)
