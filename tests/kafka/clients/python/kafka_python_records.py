"""kafka-python: producing, reading by hand-assigned partitions, and the cross-check."""

import threading
import time

from checks import COMPRESSIONS, compare_cross, cross_headers, equal, fails, load_expected
from cluster import COMMITTED, numbers
from kafka import TopicPartition
from kafka.errors import InvalidRecordError, MessageSizeTooLargeError, OffsetOutOfRangeError
from kafka_python_cluster import is_error, poll, texts


def add(checks, cluster):
    for compression in COMPRESSIONS:
        checks.check(f"round-trip-{compression}", round_trip, cluster, codec(compression))
    checks.check("headers", headers, cluster)
    checks.check("null-key-and-value", nulls, cluster)
    checks.check("murmur2-partitions", murmur2, cluster)
    for acks in [0, 1, "all"]:
        checks.check(f"acks-{acks}", acknowledged, cluster, acks)
    checks.check("idempotent-producer", idempotent, cluster)
    checks.check("message-near-limit", near_limit, cluster)
    checks.check("message-too-large", too_large, cluster)
    checks.check("compacted-topic-needs-key", compacted_needs_key, cluster)
    checks.check("unknown-topic", unknown_topic, cluster)
    checks.check("auto-create", auto_create, cluster)
    checks.check("reset-latest", reset_latest, cluster)
    checks.check("reset-out-of-range", reset_out_of_range, cluster)
    checks.check("reset-none", reset_none, cluster)
    checks.check("seek-by-time", seek_by_time, cluster)
    checks.check("list-offsets", list_offsets, cluster)
    checks.check("pause-resume", pause_resume, cluster)
    checks.check("long-poll", long_poll, cluster)
    checks.check("many-partitions", many_partitions, cluster)


def codec(compression):
    return None if compression == "none" else compression


def round_trip(cluster, compression):
    topic = cluster.new_topic(3, retention_ms="-1")
    with cluster.producer(compression_type=compression, linger_ms=20) as producer:
        sent = [
            producer.send(
                topic, ("value " * 20 + str(i)).encode(), f"key-{i}".encode(), partition=i % 3,
                timestamp_ms=1_000_000 + i, headers=[("number", str(i).encode())])
            for i in range(300)]
        for answer in sent:
            answer.get(10)
    records = cluster.read_all(topic)
    equal(300, len(records), "records")
    for record in records:
        i = record.offset * 3 + record.partition
        equal(f"key-{i}".encode(), record.key, "key")
        equal(("value " * 20 + str(i)).encode(), record.value, "value")
        equal(1_000_000 + i, record.timestamp, "timestamp")
        equal([("number", str(i).encode())], list(record.headers), "headers")


def headers(cluster):
    topic = cluster.new_topic()
    given = [("same", b"one"), ("same", b"two"), ("", b""), ("ключ", "значение".encode())]
    with cluster.producer() as producer:
        producer.send(topic, b"value", headers=given).get(10)
    equal(given, list(cluster.read_all(topic)[0].headers), "headers")


def nulls(cluster):
    topic = cluster.new_topic()
    with cluster.producer() as producer:
        producer.send(topic, None, b"tombstone").get(10)
        producer.send(topic, b"", b"").get(10)
    shown = [(record.key, record.value) for record in cluster.read_all(topic)]
    equal([(b"tombstone", None), (b"", b"")], shown, "records")


def murmur2(cluster):
    expected = load_expected()
    topic = cluster.new_topic(expected["partitions"])
    with cluster.producer() as producer:
        for key, partition in expected["partition_of_key"].items():
            sent = producer.send(topic, b"", key.encode()).get(10)
            equal(partition, sent.partition, f"partition of {key}")


def acknowledged(cluster, acks):
    topic = cluster.new_topic()
    with cluster.producer(acks=acks, enable_idempotence=False) as producer:
        sent = [producer.send(topic, value.encode()) for value in numbers(50)]
        for i, answer in enumerate(sent):
            offset = answer.get(10).offset
            # With acks=0 nobody tells the offset.
            assert acks == 0 or offset == i, f"acknowledged offset: expected {i}, got {offset}"
    with cluster.consumer() as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        equal(numbers(50), texts(poll(consumer, 50)), "values")


def idempotent(cluster):
    topic = cluster.new_topic()
    with cluster.producer(enable_idempotence=True, batch_size=200) as producer:
        for value in numbers(500):
            producer.send(topic, value.encode())
        producer.flush(10)
    equal(numbers(500), cluster.values(topic, COMMITTED), "values")


def near_limit(cluster):
    topic = cluster.new_topic()
    value = b"x" * 1_048_400
    with cluster.producer(max_request_size=3_000_000) as producer:
        producer.send(topic, value).get(10)
    assert cluster.read_all(topic)[0].value == value, "the value came back changed"


def too_large(cluster):
    topic = cluster.new_topic()
    with cluster.producer(max_request_size=3_000_000) as producer:
        with fails(is_error(MessageSizeTooLargeError), "a record above the limit"):
            producer.send(topic, b"x" * 1_100_000).get(10)


def compacted_needs_key(cluster):
    topic = cluster.new_topic(cleanup_policy="compact")
    with cluster.producer() as producer:
        with fails(is_error(InvalidRecordError), "a record without a key"):
            producer.send(topic, b"value").get(10)


def unknown_topic(cluster):
    topic = cluster.names.new("missing")
    with cluster.consumer(allow_auto_create_topics=False) as consumer:
        assert not consumer.partitions_for_topic(topic), "an unknown topic has partitions"
        assert topic not in consumer.topics(), "asking created the topic"


def auto_create(cluster):
    topic = cluster.names.new("auto")
    with cluster.producer() as producer:
        producer.send(topic, b"value").get(10)
    equal(["value"], cluster.values(topic), "values")


def reset_latest(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    with cluster.consumer(auto_offset_reset="latest") as consumer, cluster.producer() as producer:
        consumer.assign([TopicPartition(topic, 0)])
        equal(10, consumer.position(TopicPartition(topic, 0)), "position")
        producer.send(topic, b"new").get(10)
        equal(["new"], texts(poll(consumer, 1)), "values")


def reset_out_of_range(cluster):
    topic = cluster.new_topic()
    partition = TopicPartition(topic, 0)
    cluster.fill(topic, 10)
    with cluster.admin() as admin, cluster.consumer() as consumer:
        admin.delete_records({partition: 4})
        consumer.assign([partition])
        for start in [1, 1000]:
            consumer.seek(partition, start)
            equal("4", texts(poll(consumer, 1))[0], f"value from offset {start}")


def reset_none(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    with cluster.consumer(auto_offset_reset="none") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 1000)
        with fails(is_error(OffsetOutOfRangeError), "reading out of range"):
            poll(consumer, 1)


def seek_by_time(cluster):
    topic = cluster.new_topic(retention_ms="-1")
    partition = TopicPartition(topic, 0)
    with cluster.producer() as producer, cluster.consumer() as consumer:
        for i in range(10):
            producer.send(topic, str(i).encode(), timestamp_ms=1000 * (i + 1)).get(10)
        found = consumer.offsets_for_times({partition: 4500})[partition]
        equal((4, 5000), (found.offset, found.timestamp), "found")
        consumer.assign([partition])
        consumer.seek(partition, found.offset)
        equal("4", texts(poll(consumer, 1))[0], "value")
        after = consumer.offsets_for_times({partition: 10_001})[partition]
        assert after is None, f"an offset after the last timestamp: {after}"


def list_offsets(cluster):
    topic = cluster.new_topic()
    partition = TopicPartition(topic, 0)
    cluster.fill(topic, 7)
    with cluster.admin() as admin, cluster.consumer() as consumer:
        admin.delete_records({partition: 3})
        equal({partition: 3}, consumer.beginning_offsets([partition]), "beginning")
        equal({partition: 7}, consumer.end_offsets([partition]), "end")


def pause_resume(cluster):
    topic = cluster.new_topic(2)
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    cluster.fill(topic, 5)
    with cluster.consumer() as consumer, cluster.producer() as producer:
        producer.send(topic, b"other", partition=1).get(10)
        consumer.assign([first, second])
        consumer.pause(first)
        equal(["other"], texts(poll(consumer, 1)), "values while paused")
        equal({}, consumer.poll(timeout_ms=300), "records of a paused partition")
        consumer.resume(first)
        equal(numbers(5), texts(poll(consumer, 5)), "values after resuming")


def long_poll(cluster):
    """A fetch that may wait for 20 s is answered when a record comes."""
    topic = cluster.new_topic()
    with cluster.consumer(fetch_max_wait_ms=20_000) as consumer, cluster.producer() as producer:
        consumer.assign([TopicPartition(topic, 0)])
        # Long enough for the fetch to be waiting in the broker; if it is not yet, the check is only weaker.
        equal({}, consumer.poll(timeout_ms=400), "records of an empty topic")
        threading.Timer(0.1, lambda: producer.send(topic, b"wake").get(10)).start()
        began = time.monotonic()
        equal(["wake"], texts(poll(consumer, 1)), "values")
        assert time.monotonic() - began < 5, "the fetch was not answered at once"


def many_partitions(cluster):
    """Fetch sessions with partitions that are idle while others get records."""
    topic = cluster.new_topic(30)
    with cluster.consumer() as consumer, cluster.producer() as producer:
        consumer.assign([TopicPartition(topic, number) for number in range(30)])
        for turn in range(5):
            for number in range(turn, 30, 7):
                producer.send(topic, b"value", partition=number).get(10)
                equal(number, poll(consumer, 1)[0].partition, "partition")


def cross_write(cluster, topic):
    expected = load_expected()
    cluster.create_topic(topic, expected["partitions"], retention_ms="-1")
    for record in expected["records"]:
        with cluster.producer(compression_type=codec(record["compression"])) as producer:
            value = (record["value"] * record["times"]).encode()
            producer.send(
                topic, value, record["key"].encode(), timestamp_ms=record["timestamp"],
                headers=cross_headers(record)).get(10)


def cross_read(cluster, writer, topic):
    shown = {record.value: (record.key, record.partition, record.headers, record.timestamp)
             for record in cluster.read_all(topic, COMMITTED)}
    compare_cross(writer, shown)
