"""Shows that kafka-python loses a subscription that comes at the wrong moment, whatever broker it speaks to.

A consumer asks for its first metadata as soon as it is made, in a thread of its own. When it subscribes
after that request was written and before the answer is read, the answer counts as the update that the
subscription asked for, though it is about no topic; the client asks again after `metadata_max_age_ms`, five
minutes. This script holds the client's thread back so that the subscription always comes in between. With
`--race` it does not, and counts how often that happens by itself.

Usage: lost_subscription.py HOST:PORT TRIALS [--race]

`run.sh` does not run it: it judges the client, not the broker.
"""

import sys
import threading
import uuid

from kafka import KafkaConsumer, KafkaProducer
from kafka.cluster import ClusterMetadata

VERSION = (4, 1, 0)


class Moment:
    """The time between the first metadata request of a client and its answer."""

    def __init__(self):
        self.began = threading.Event()
        self.may_end = threading.Event()

    def hold(self):
        """Stretches that time until the test has subscribed."""
        write_request = ClusterMetadata.metadata_request

        def write_and_wait(cluster):
            request = write_request(cluster)
            self.began.set()
            self.may_end.wait(10)
            return request

        ClusterMetadata.metadata_request = write_and_wait
        return write_request


def loses(bootstrap, topic, is_race):
    """Whether a consumer that subscribes to `topic` is not given the record in it."""
    moment = Moment()
    write_request = ClusterMetadata.metadata_request if is_race else moment.hold()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, api_version=VERSION, auto_offset_reset="earliest")
    try:
        if not is_race:
            moment.began.wait(10)
        consumer.subscribe([topic])
        moment.may_end.set()
        ClusterMetadata.metadata_request = write_request
        return not consumer.poll(timeout_ms=5000)
    finally:
        consumer.close()


def main(bootstrap, trials, *options):
    topic = f"lost-subscription-{uuid.uuid4()}"
    producer = KafkaProducer(bootstrap_servers=bootstrap, api_version=VERSION)
    producer.send(topic, b"record").get(timeout=30)
    producer.close()
    lost = sum(loses(bootstrap, topic, "--race" in options) for _ in range(int(trials)))
    print(f"{lost} of {trials} subscriptions were lost")


if __name__ == "__main__":
    main(*sys.argv[1:])
