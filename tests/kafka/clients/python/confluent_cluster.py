"""Clients of confluent-kafka for the broker under check. Each check closes what it opens."""

import contextlib

import cluster
from cluster import UNCOMMITTED, dotted
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


class Cluster(cluster.Cluster):
    """The broker under check, seen by one run."""

    def __init__(self, bootstrap, names):
        super().__init__(bootstrap, names)
        # One for all: its calls are lost when it is dropped before they are answered.
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def admin(self):
        return self._admin

    def producer(self, **settings):
        """Keys go where the Java client's partitioner puts them; the library's own default differs."""
        return Producer({
            "bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random", "linger.ms": 1,
            "message.timeout.ms": 10000, "log_level": 0, **dotted(settings)})

    @contextlib.contextmanager
    def consumer(self, **settings):
        consumer = Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": self.names.new("group"),
            "auto.offset.reset": "earliest", "enable.auto.commit": False, "fetch.wait.max.ms": 100,
            "fetch.error.backoff.ms": 50, "log_level": 0, **dotted(settings)})
        try:
            yield consumer
        finally:
            consumer.close()

    def create_topic(self, topic, partitions, **configuration):
        one(self.admin().create_topics([NewTopic(topic, partitions, 1, config=dotted(configuration))]))

    def produce(self, producer, topic, value=None, **rest):
        """Writes one record and returns it as acknowledged."""
        answers = []
        producer.produce(topic, value, on_delivery=lambda error, record: answers.append((error, record)), **rest)
        while not answers:
            producer.poll(0.1)
        error, record = answers[0]
        if error is not None:
            raise RuntimeError(error.name())
        return record

    def fill(self, topic, count):
        """Writes the values `0`, `1`, ... to partition 0 and waits until all are acknowledged."""
        producer = self.producer()
        for i in range(count):
            producer.produce(topic, str(i), partition=0)
        equal_zero(producer.flush(10))

    def read_all(self, topic, isolation=UNCOMMITTED):
        """Every record of a topic that this isolation level shows now."""
        records = []
        with self.consumer(isolation_level=isolation, enable_partition_eof=True) as consumer:
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
            open_partitions = set(partitions)
            while open_partitions:
                record = consumer.poll(0.5)
                if record is None:
                    continue
                if record.error() is None:
                    records.append(record)
                elif record.error().name() == "_PARTITION_EOF":
                    open_partitions.discard(record.partition())
                else:
                    raise RuntimeError(record.error().name())
        return records

    def values(self, topic, isolation=UNCOMMITTED):
        return texts(self.read_all(topic, isolation))


def poll(consumer, count):
    """Waits for as many records; an error in between is raised."""
    records = []
    while len(records) < count:
        record = consumer.poll(0.2)
        if record is None:
            continue
        if record.error() is not None:
            raise RuntimeError(record.error().name())
        records.append(record)
    return records


def texts(records):
    return [record.value().decode() for record in records]


def one(futures):
    """The answer of an admin call about one thing."""
    return next(iter(futures.values())).result(10)


def equal_zero(left):
    assert left == 0, f"{left} records were not acknowledged"


def is_error(name):
    """Recognises an error by its name in the protocol."""
    def recognise(failure):
        first = failure.args[0]
        return (first if isinstance(first, str) else first.name()) == name
    return recognise
