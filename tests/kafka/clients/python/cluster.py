"""The broker under check as every Python client sees it, and what each of them writes and reads alike. A client's
own cluster adds how it makes its clients.
"""

import abc
import time

from checks import equal

UNCOMMITTED = "read_uncommitted"
COMMITTED = "read_committed"


class Cluster(abc.ABC):
    """The broker under check, seen by one run."""

    def __init__(self, bootstrap, names):
        self.bootstrap = bootstrap
        self.names = names

    @abc.abstractmethod
    def create_topic(self, topic, partitions, **configuration):
        """Creates a topic; names of settings are written with underscores."""

    @abc.abstractmethod
    def values(self, topic, isolation=UNCOMMITTED):
        """The value of every record of a topic that this isolation level shows now."""

    def new_topic(self, partitions=1, **configuration):
        """Creates a topic of a new name."""
        topic = self.names.new("topic")
        self.create_topic(topic, partitions, **configuration)
        return topic

    def expect(self, topic, isolation, expected):
        """A transaction is decided a moment before its readers learn of it, so this asks again."""
        for _ in range(50):
            shown = self.values(topic, isolation)
            if len(shown) >= len(expected):
                break
            time.sleep(0.05)
        equal(expected, shown, f"{isolation} values")

    def expect_doubled(self, topic, count):
        """The topic holds the even numbers that a transforming check has written, and more that it has aborted."""
        self.expect(topic, COMMITTED, [str(2 * i) for i in range(count)])
        assert len(self.values(topic, UNCOMMITTED)) > count, "no round was aborted"


def dotted(settings):
    """Settings, whose names are written with underscores here, by their names in Kafka."""
    return {name.replace("_", "."): value for name, value in settings.items()}


def numbers(count):
    """The values that `fill` writes."""
    return [str(i) for i in range(count)]


def auto_commit(cluster, poll, committed):
    """A check: a consumer that commits by itself does so when it is closed."""
    topic = cluster.new_topic()
    group = cluster.names.new("group")
    cluster.fill(topic, 5)
    with cluster.consumer(group_id=group, enable_auto_commit=True) as consumer:
        consumer.subscribe([topic])
        poll(consumer, 5)
    with cluster.consumer(group_id=group) as consumer:
        equal(5, committed(consumer, topic), "committed by closing")
