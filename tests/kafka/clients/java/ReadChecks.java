import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Reading by hand-assigned partitions: where it starts, where it is sent, and when it wakes. */
final class ReadChecks {
  private final Cluster cluster;

  ReadChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("reset-earliest", () -> reset("earliest", "0"));
    checks.check("reset-latest", this::resetLatest);
    checks.check("reset-none", this::resetNone);
    checks.check("reset-out-of-range", this::resetOutOfRange);
    checks.check("seek-by-time", this::seekByTime);
    checks.check("list-offsets", this::listOffsets);
    checks.check("pause-resume", this::pauseResume);
    checks.check("long-poll", this::longPoll);
    checks.check("small-fetches", this::smallFetches);
    checks.check("many-partitions", this::manyPartitions);
    checks.check("unknown-topic", this::unknownTopic);
  }

  private void reset(String policy, String expected) throws Exception {
    var topic = cluster.newTopic(1);
    cluster.fill(topic, 10);
    try (var consumer = cluster.consumer("auto.offset.reset", policy)) {
      consumer.assign(List.of(Cluster.first(topic)));
      Checks.equal(expected, Cluster.poll(consumer, 1).get(0).value(), "first value");
    }
  }

  private void resetLatest() throws Exception {
    var topic = cluster.newTopic(1);
    cluster.fill(topic, 10);
    try (var consumer = cluster.consumer("auto.offset.reset", "latest");
        var producer = cluster.producer()) {
      consumer.assign(List.of(Cluster.first(topic)));
      Checks.equal(10L, consumer.position(Cluster.first(topic)), "position");
      producer.send(new ProducerRecord<>(topic, "new")).get();
      Checks.equal("new", Cluster.poll(consumer, 1).get(0).value(), "first value");
    }
  }

  private void resetNone() throws Exception {
    var topic = cluster.newTopic(1);
    cluster.fill(topic, 10);
    try (var consumer = cluster.consumer("auto.offset.reset", "none")) {
      consumer.assign(List.of(Cluster.first(topic)));
      consumer.seek(Cluster.first(topic), 11);
      Checks.fails(OffsetOutOfRangeException.class, () -> Cluster.poll(consumer, 1));
    }
  }

  private void resetOutOfRange() throws Exception {
    var topic = cluster.newTopic(1);
    cluster.fill(topic, 10);
    try (var admin = cluster.admin();
        var consumer = cluster.consumer()) {
      admin.deleteRecords(Map.of(Cluster.first(topic), RecordsToDelete.beforeOffset(4))).all().get();
      consumer.assign(List.of(Cluster.first(topic)));
      consumer.seek(Cluster.first(topic), 1);
      Checks.equal("4", Cluster.poll(consumer, 1).get(0).value(), "value after what was deleted");
      consumer.seek(Cluster.first(topic), 1000);
      Checks.equal("4", Cluster.poll(consumer, 1).get(0).value(), "value after the end");
    }
  }

  private void seekByTime() throws Exception {
    var topic = cluster.newTimedTopic(1);
    try (var producer = cluster.producer();
        var consumer = cluster.consumer()) {
      for (int i = 0; i < 10; i++) {
        producer.send(new ProducerRecord<>(topic, 0, 1000L * i, "key", Integer.toString(i))).get();
      }
      var partition = Cluster.first(topic);
      consumer.assign(List.of(partition));
      var found = consumer.offsetsForTimes(Map.of(partition, 4500L)).get(partition);
      Checks.equal(5L, found.offset(), "offset");
      Checks.equal(5000L, found.timestamp(), "timestamp");
      consumer.seek(partition, found.offset());
      Checks.equal("5", Cluster.poll(consumer, 1).get(0).value(), "value");
      var none = consumer.offsetsForTimes(Map.of(partition, 9001L)).get(partition);
      Checks.require(none == null, "an offset after the last timestamp: " + none);
    }
  }

  private void listOffsets() throws Exception {
    var topic = cluster.newTopic(2);
    cluster.fill(topic, 7);
    try (var admin = cluster.admin();
        var consumer = cluster.consumer()) {
      var partitions = Cluster.partitions(consumer, topic);
      admin.deleteRecords(Map.of(Cluster.first(topic), RecordsToDelete.beforeOffset(3))).all().get();
      Checks.equal(Set.of(3L, 0L), Set.copyOf(consumer.beginningOffsets(partitions).values()), "beginnings");
      Checks.equal(Set.of(7L, 0L), Set.copyOf(consumer.endOffsets(partitions).values()), "ends");
    }
  }

  private void pauseResume() throws Exception {
    var topic = cluster.newTopic(2);
    cluster.fill(topic, 5);
    try (var consumer = cluster.consumer();
        var producer = cluster.producer()) {
      producer.send(new ProducerRecord<>(topic, 1, null, "other")).get();
      var partitions = Cluster.partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      consumer.pause(List.of(Cluster.first(topic)));
      Checks.equal("other", Cluster.poll(consumer, 1).get(0).value(), "value while paused");
      Checks.equal(0, consumer.poll(Duration.ofMillis(300)).count(), "records of a paused partition");
      consumer.resume(List.of(Cluster.first(topic)));
      var values = Cluster.poll(consumer, 5).stream().map(ConsumerRecord::value).toList();
      Checks.equal(ProduceChecks.numbers(5), values, "values after resuming");
    }
  }

  /** A fetch that may wait for a minute is answered when a record comes, not when its time is up. */
  private void longPoll() throws Exception {
    var topic = cluster.newTopic(1);
    var settings = new Object[] {"fetch.max.wait.ms", 60_000, "fetch.min.bytes", 1, "request.timeout.ms", 70_000, "default.api.timeout.ms", 71_000};
    try (var consumer = cluster.consumer(settings);
        var producer = cluster.producer()) {
      consumer.assign(List.of(Cluster.first(topic)));
      consumer.seekToBeginning(consumer.assignment());
      var polled = CompletableFuture.supplyAsync(() -> Cluster.poll(consumer, 1));
      // Long enough for the fetch to be waiting in the broker; if it is not yet, the check is only weaker.
      TimeUnit.MILLISECONDS.sleep(300);
      Checks.require(!polled.isDone(), "the empty topic had a record");
      producer.send(new ProducerRecord<>(topic, "wake")).get();
      Checks.equal("wake", polled.get(5, TimeUnit.SECONDS).get(0).value(), "value");
      // The next fetch waits already; closing does not have to wait for it.
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /** A record larger than the fetch's limits is sent nevertheless, alone. */
  private void smallFetches() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = cluster.producer("linger.ms", 0)) {
      for (int i = 0; i < 5; i++) {
        producer.send(new ProducerRecord<>(topic, "x".repeat(5000))).get();
      }
    }
    try (var consumer = cluster.consumer("max.partition.fetch.bytes", 100, "fetch.max.bytes", 100)) {
      consumer.assign(List.of(Cluster.first(topic)));
      consumer.seekToBeginning(consumer.assignment());
      Checks.equal(5, Cluster.poll(consumer, 5).size(), "records");
    }
  }

  /** Fetch sessions: partitions that are idle while others get records, and a changed assignment. */
  private void manyPartitions() throws Exception {
    var topic = cluster.newTopic(30);
    try (var producer = cluster.producer();
        var consumer = cluster.consumer()) {
      var partitions = Cluster.partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      for (int round = 0; round < 5; round++) {
        for (int partition = round; partition < 30; partition += 7) {
          producer.send(new ProducerRecord<>(topic, partition, null, "round " + round)).get();
          Checks.equal(partition, Cluster.poll(consumer, 1).get(0).partition(), "partition");
        }
      }
      consumer.assign(List.of(partitions.get(29)));
      producer.send(new ProducerRecord<>(topic, 28, null, "not assigned")).get();
      producer.send(new ProducerRecord<>(topic, 29, null, "assigned")).get();
      Checks.equal("assigned", Cluster.poll(consumer, 1).get(0).value(), "value after the change");
    }
  }

  private void unknownTopic() throws Exception {
    try (var admin = cluster.admin();
        var consumer = cluster.consumer("allow.auto.create.topics", false)) {
      var topic = cluster.newName("missing");
      Checks.fails(
          UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of(topic)).allTopicNames().get());
      Checks.equal(List.of(), consumer.partitionsFor(topic, Duration.ofSeconds(3)), "partitions");
      Checks.require(!admin.listTopics().names().get().contains(topic), "asking created the topic");
    }
  }
}
