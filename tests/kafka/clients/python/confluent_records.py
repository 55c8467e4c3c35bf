"""confluent-kafka: producing, reading by hand-assigned partitions, and the cross-check."""

import threading
import time

from checks import COMPRESSIONS, compare_cross, cross_headers, equal, fails, load_expected
from cluster import COMMITTED, numbers
from confluent_cluster import equal_zero, is_error, one, poll, texts
from confluent_kafka import OFFSET_END, TopicPartition
from confluent_kafka.admin import OffsetSpec


def add(checks, cluster):
    for compression in COMPRESSIONS:
        checks.check(f"round-trip-{compression}", round_trip, cluster, compression)
    checks.check("headers", headers, cluster)
    checks.check("null-key-and-value", nulls, cluster)
    checks.check("murmur2-partitions", murmur2, cluster)
    for acks in ["0", "1", "all"]:
        checks.check(f"acks-{acks}", acknowledged, cluster, acks)
    checks.check("idempotent-producer", idempotent, cluster)
    checks.check("message-near-limit", near_limit, cluster)
    checks.check("message-too-large", too_large, cluster)
    checks.check("compacted-topic-needs-key", compacted_needs_key, cluster)
    checks.check("unknown-topic", unknown_topic, cluster)
    checks.check("auto-create", auto_create, cluster)
    checks.check("reset-earliest", reset_earliest, cluster)
    checks.check("reset-latest", reset_latest, cluster)
    checks.check("reset-out-of-range", reset_out_of_range, cluster)
    checks.check("reset-error", reset_error, cluster)
    checks.check("seek-by-time", seek_by_time, cluster)
    checks.check("list-offsets", list_offsets, cluster)
    checks.check("pause-resume", pause_resume, cluster)
    checks.check("long-poll", long_poll, cluster)


def round_trip(cluster, compression):
    topic = cluster.new_topic(3, retention_ms="-1")
    producer = cluster.producer(compression_type=compression)
    for i in range(300):
        producer.produce(
            topic, "value " * 20 + str(i), f"key-{i}", partition=i % 3, timestamp=1_000_000 + i,
            headers=[("number", str(i).encode())])
    equal_zero(producer.flush(10))
    records = cluster.read_all(topic)
    equal(300, len(records), "records")
    for record in records:
        i = record.offset() * 3 + record.partition()
        equal(f"key-{i}".encode(), record.key(), "key")
        equal(("value " * 20 + str(i)).encode(), record.value(), "value")
        equal(1_000_000 + i, record.timestamp()[1], "timestamp")
        equal([("number", str(i).encode())], record.headers(), "headers")


def headers(cluster):
    topic = cluster.new_topic()
    given = [("same", b"one"), ("same", b"two"), ("", b""), ("none", None), ("ключ", "значение".encode())]
    cluster.produce(cluster.producer(), topic, "value", headers=given)
    equal(given, cluster.read_all(topic)[0].headers(), "headers")


def nulls(cluster):
    topic = cluster.new_topic()
    producer = cluster.producer()
    cluster.produce(producer, topic, None)
    cluster.produce(producer, topic, b"", key=b"")
    shown = [(record.key(), record.value()) for record in cluster.read_all(topic)]
    equal([(None, None), (b"", b"")], shown, "records")


def murmur2(cluster):
    expected = load_expected()
    topic = cluster.new_topic(expected["partitions"])
    producer = cluster.producer()
    for key, partition in expected["partition_of_key"].items():
        equal(partition, cluster.produce(producer, topic, "", key=key).partition(), f"partition of {key}")


def acknowledged(cluster, acks):
    topic = cluster.new_topic()
    producer = cluster.producer(acks=acks)
    for value in numbers(50):
        producer.produce(topic, value)
    equal_zero(producer.flush(10))
    with cluster.consumer() as consumer:
        consumer.assign([TopicPartition(topic, 0, 0)])
        equal(numbers(50), texts(poll(consumer, 50)), "values")


def idempotent(cluster):
    topic = cluster.new_topic()
    producer = cluster.producer(enable_idempotence=True, batch_num_messages=5)
    for value in numbers(500):
        producer.produce(topic, value)
    equal_zero(producer.flush(10))
    equal(numbers(500), cluster.values(topic, COMMITTED), "values")


def near_limit(cluster):
    topic = cluster.new_topic()
    value = b"x" * 1_048_400
    cluster.produce(cluster.producer(message_max_bytes=3_000_000), topic, value)
    assert cluster.read_all(topic)[0].value() == value, "the value came back changed"


def too_large(cluster):
    topic = cluster.new_topic()
    with fails(is_error("MSG_SIZE_TOO_LARGE"), "a record above the limit"):
        cluster.produce(cluster.producer(message_max_bytes=3_000_000), topic, b"x" * 1_100_000)


def compacted_needs_key(cluster):
    topic = cluster.new_topic(cleanup_policy="compact")
    with fails(is_error("INVALID_RECORD"), "a record without a key"):
        cluster.produce(cluster.producer(), topic, "value")


def unknown_topic(cluster):
    topic = cluster.names.new("missing")
    with cluster.consumer(allow_auto_create_topics=False) as consumer:
        consumer.subscribe([topic])
        with fails(is_error("UNKNOWN_TOPIC_OR_PART"), "reading an unknown topic"):
            poll(consumer, 1)


def auto_create(cluster):
    topic = cluster.names.new("auto")
    cluster.produce(cluster.producer(), topic, "value")
    equal(["value"], cluster.values(topic), "values")


def reset_earliest(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    with cluster.consumer(auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        equal(numbers(10), texts(poll(consumer, 10)), "values")


def reset_latest(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    with cluster.consumer(enable_partition_eof=True) as consumer:
        consumer.assign([TopicPartition(topic, 0, OFFSET_END)])
        with fails(is_error("_PARTITION_EOF"), "reading at the end"):
            poll(consumer, 1)
        cluster.produce(cluster.producer(), topic, "new")
        equal(["new"], texts(poll(consumer, 1)), "values")


def reset_out_of_range(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    delete_before(cluster, topic, 4)
    for start in [1, 1000]:
        with cluster.consumer() as consumer:
            consumer.assign([TopicPartition(topic, 0, start)])
            equal(["4"], texts(poll(consumer, 1)), f"values from offset {start}")


def reset_error(cluster):
    topic = cluster.new_topic()
    cluster.fill(topic, 10)
    with cluster.consumer(auto_offset_reset="error") as consumer:
        consumer.assign([TopicPartition(topic, 0, 1000)])
        with fails(is_error("_AUTO_OFFSET_RESET"), "reading out of range"):
            poll(consumer, 1)


def delete_before(cluster, topic, offset):
    one(cluster.admin().delete_records([TopicPartition(topic, 0, offset)]))


def seek_by_time(cluster):
    topic = cluster.new_topic(retention_ms="-1")
    producer = cluster.producer()
    for i in range(10):
        cluster.produce(producer, topic, str(i), timestamp=1000 * (i + 1))
    with cluster.consumer() as consumer:
        found = consumer.offsets_for_times([TopicPartition(topic, 0, 4500)], timeout=10)[0]
        equal(4, found.offset, "offset")
        consumer.assign([found])
        equal(["4"], texts(poll(consumer, 1)), "values")
        after = consumer.offsets_for_times([TopicPartition(topic, 0, 10_001)], timeout=10)[0]
        equal(OFFSET_END, after.offset, "offset after the last timestamp")


def list_offsets(cluster):
    topic = cluster.new_topic(retention_ms="-1")
    producer = cluster.producer()
    for timestamp in [1000, 5000, 3000]:
        cluster.produce(producer, topic, "value", timestamp=timestamp)
    delete_before(cluster, topic, 1)
    partition = TopicPartition(topic, 0)
    specs = {"start": OffsetSpec.earliest(), "end": OffsetSpec.latest(), "largest": OffsetSpec.max_timestamp(),
             "by time": OffsetSpec.for_timestamp(4000)}
    listed = {name: one(cluster.admin().list_offsets({partition: spec})).offset for name, spec in specs.items()}
    equal({"start": 1, "end": 3, "largest": 1, "by time": 1}, listed, "offsets")
    with cluster.consumer() as consumer:
        equal((1, 3), consumer.get_watermark_offsets(partition, timeout=10), "bounds")


def pause_resume(cluster):
    topic = cluster.new_topic(2)
    cluster.fill(topic, 5)
    cluster.produce(cluster.producer(), topic, "other", partition=1)
    with cluster.consumer() as consumer:
        first = TopicPartition(topic, 0, 0)
        consumer.assign([first, TopicPartition(topic, 1, 0)])
        consumer.pause([first])
        equal(["other"], texts(poll(consumer, 1)), "values while paused")
        assert consumer.poll(0.3) is None, "a record of a paused partition"
        consumer.resume([first])
        equal(numbers(5), texts(poll(consumer, 5)), "values after resuming")


def long_poll(cluster):
    """A fetch that may wait for a minute is answered when a record comes."""
    topic = cluster.new_topic()
    with cluster.consumer(fetch_wait_max_ms=60_000, socket_timeout_ms=70_000) as consumer:
        consumer.assign([TopicPartition(topic, 0, 0)])
        # Long enough for the fetch to be waiting in the broker; if it is not yet, the check is only weaker.
        assert consumer.poll(0.4) is None, "a record of an empty topic"
        threading.Timer(0.1, lambda: cluster.produce(cluster.producer(), topic, "wake")).start()
        began = time.monotonic()
        equal(["wake"], texts(poll(consumer, 1)), "values")
        assert time.monotonic() - began < 5, "the fetch was not answered at once"


def cross_write(cluster, topic):
    expected = load_expected()
    cluster.create_topic(topic, expected["partitions"], retention_ms="-1")
    producers = {name: cluster.producer(compression_type=name) for name in COMPRESSIONS}
    for record in expected["records"]:
        cluster.produce(
            producers[record["compression"]], topic, record["value"] * record["times"], key=record["key"],
            timestamp=record["timestamp"], headers=cross_headers(record))


def cross_read(cluster, writer, topic):
    shown = {record.value(): (record.key(), record.partition(), record.headers() or [], record.timestamp()[1])
             for record in cluster.read_all(topic, COMMITTED)}
    compare_cross(writer, shown)
