import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;

/** What is produced is stored as told, and what may not be stored is refused with the right error. */
final class ProduceChecks {
  private static final int RECORDS = 300;

  private final Cluster cluster;

  ProduceChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    for (var compression : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      checks.check("round-trip-" + compression, () -> roundTrip(compression));
    }
    checks.check("headers", this::headers);
    checks.check("null-key-and-value", this::nulls);
    checks.check("murmur2-partitions", this::murmur2);
    for (var acks : List.of("0", "1", "all")) {
      checks.check("acks-" + acks, () -> acks(acks));
    }
    checks.check("idempotent-producer", this::idempotent);
    checks.check("create-time", this::createTime);
    checks.check("log-append-time", this::logAppendTime);
    checks.check("message-near-limit", this::nearLimit);
    checks.check("message-too-large", this::tooLarge);
    checks.check("topic-limit", this::topicLimit);
    checks.check("compacted-topic-needs-key", this::compactedNeedsKey);
    checks.check("invalid-topic", this::invalidTopic);
    checks.check("auto-create", this::autoCreate);
  }

  private void roundTrip(String compression) throws Exception {
    var topic = cluster.newTimedTopic(3);
    try (var producer = cluster.producer("compression.type", compression, "linger.ms", 20)) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (int i = 0; i < RECORDS; i++) {
        var record = new ProducerRecord<>(topic, i % 3, 1_000_000L + i, "key-" + i, "value ".repeat(20) + i);
        record.headers().add("number", Integer.toString(i).getBytes(UTF_8));
        sent.add(producer.send(record));
      }
      for (var answer : sent) {
        answer.get();
      }
    }
    var records = cluster.readAll(topic, "read_uncommitted");
    Checks.equal(RECORDS, records.size(), "records");
    for (var record : records) {
      var i = (int) record.offset() * 3 + record.partition();
      Checks.equal("key-" + i, record.key(), "key");
      Checks.equal("value ".repeat(20) + i, record.value(), "value");
      Checks.equal(1_000_000L + i, record.timestamp(), "timestamp");
      Checks.equal(List.of("number=" + i), headers(record), "headers");
    }
  }

  private void headers() throws Exception {
    var topic = cluster.newTopic(1);
    List<Header> headers =
        List.of(
            new RecordHeader("same", "one".getBytes(UTF_8)),
            new RecordHeader("same", "two".getBytes(UTF_8)),
            new RecordHeader("", new byte[0]),
            new RecordHeader("none", (byte[]) null),
            new RecordHeader("ключ", "значение".getBytes(UTF_8)));
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, 0, "key", "value", headers)).get();
    }
    Checks.equal(
        List.of("same=one", "same=two", "=", "none=null", "ключ=значение"),
        headers(cluster.readAll(topic, "read_uncommitted").get(0)),
        "headers");
  }

  private void nulls() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, null, null)).get();
      producer.send(new ProducerRecord<>(topic, "", "")).get();
    }
    var shown = cluster.readAll(topic, "read_uncommitted").stream().map(r -> r.key() + "/" + r.value()).toList();
    Checks.equal(List.of("null/null", "/"), shown, "records");
  }

  private void murmur2() throws Exception {
    var expected = Expected.load();
    var topic = cluster.newTopic(expected.partitions());
    try (var producer = cluster.producer()) {
      for (var entry : expected.partitionOfKey().entrySet()) {
        var partition = producer.send(new ProducerRecord<>(topic, entry.getKey(), "")).get().partition();
        Checks.equal(entry.getValue(), partition, "partition of " + entry.getKey());
      }
    }
  }

  private void acks(String acks) throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = cluster.producer("acks", acks, "enable.idempotence", false)) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (int i = 0; i < 50; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, Integer.toString(i))));
      }
      for (int i = 0; i < 50; i++) {
        Checks.equal(acks.equals("0") ? -1L : i, sent.get(i).get().offset(), "acknowledged offset");
      }
    }
    // With acks=0 nobody says when a record is there, so it is waited for.
    try (var consumer = cluster.consumer()) {
      consumer.assign(List.of(Cluster.first(topic)));
      consumer.seekToBeginning(consumer.assignment());
      var values = Cluster.poll(consumer, 50).stream().map(ConsumerRecord::value).toList();
      Checks.equal(numbers(50), values, "values");
    }
  }

  private void idempotent() throws Exception {
    var topic = cluster.newTopic(1);
    var settings = new Object[] {"enable.idempotence", true, "max.in.flight.requests.per.connection", 5, "batch.size", 200};
    try (var producer = cluster.producer(settings)) {
      for (int i = 0; i < 500; i++) {
        producer.send(new ProducerRecord<>(topic, Integer.toString(i)));
      }
      producer.flush();
    }
    Checks.equal(numbers(500), cluster.values(topic, "read_committed"), "values");
  }

  private void createTime() throws Exception {
    var topic = cluster.newTimedTopic(1);
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, 0, 1234L, "key", "value")).get();
    }
    var record = cluster.readAll(topic, "read_uncommitted").get(0);
    Checks.equal(1234L, record.timestamp(), "timestamp");
    Checks.equal(TimestampType.CREATE_TIME, record.timestampType(), "timestamp type");
  }

  private void logAppendTime() throws Exception {
    var topic = cluster.newTopic(1, "message.timestamp.type", "LogAppendTime");
    long answered;
    try (var producer = cluster.producer()) {
      answered = producer.send(new ProducerRecord<>(topic, 0, 1234L, "key", "value")).get().timestamp();
    }
    var record = cluster.readAll(topic, "read_uncommitted").get(0);
    Checks.require(record.timestamp() > 1_600_000_000_000L, "the timestamp is the producer's: " + record.timestamp());
    Checks.equal(record.timestamp(), answered, "answered timestamp");
    Checks.equal(TimestampType.LOG_APPEND_TIME, record.timestampType(), "timestamp type");
  }

  private void nearLimit() throws Exception {
    var topic = cluster.newTopic(1);
    var value = "x".repeat(1_048_400);
    try (var producer = cluster.producer("max.request.size", 3_000_000)) {
      producer.send(new ProducerRecord<>(topic, value)).get();
    }
    Checks.require(cluster.values(topic, "read_uncommitted").equals(List.of(value)), "the value came back changed");
  }

  private void tooLarge() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = cluster.producer("max.request.size", 3_000_000)) {
      var record = new ProducerRecord<String, String>(topic, "x".repeat(1_100_000));
      Checks.fails(RecordTooLargeException.class, () -> producer.send(record).get());
    }
  }

  private void topicLimit() throws Exception {
    var topic = cluster.newTopic(1, "max.message.bytes", "1000");
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, "x".repeat(500))).get();
      Checks.fails(
          RecordTooLargeException.class, () -> producer.send(new ProducerRecord<>(topic, "x".repeat(2000))).get());
    }
  }

  private void compactedNeedsKey() throws Exception {
    var topic = cluster.newTopic(1, "cleanup.policy", "compact");
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, "key", "value")).get();
      Checks.fails(InvalidRecordException.class, () -> producer.send(new ProducerRecord<>(topic, "value")).get());
    }
  }

  private void invalidTopic() throws Exception {
    try (var producer = cluster.producer()) {
      Checks.fails(
          InvalidTopicException.class, () -> producer.send(new ProducerRecord<>("no such/topic", "value")).get());
    }
  }

  private void autoCreate() throws Exception {
    var topic = cluster.newName("auto");
    try (var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, "value")).get();
    }
    Checks.equal(List.of("value"), cluster.values(topic, "read_uncommitted"), "values");
  }

  static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  /** The headers as texts, in order. */
  static List<String> headers(ConsumerRecord<?, ?> record) {
    return StreamSupport.stream(record.headers().spliterator(), false)
        .map(h -> h.key() + "=" + (h.value() == null ? "null" : new String(h.value(), UTF_8)))
        .toList();
  }
}
