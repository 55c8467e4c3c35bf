import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;

/** Transactions: what readers of both isolation levels see, offsets in them, fencing, and the time-out. */
final class TransactionChecks {
  private static final String COMMITTED = "read_committed";
  private static final String UNCOMMITTED = "read_uncommitted";

  private final Cluster cluster;

  TransactionChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("transaction-commit", this::commit);
    checks.check("transaction-abort", this::abort);
    checks.check("transaction-interleaved", this::interleaved);
    checks.check("transaction-open-holds-readers", this::openHoldsReaders);
    checks.check("transaction-fencing", this::fencing);
    checks.check("transaction-offsets", this::offsets);
    checks.check("transaction-offsets-abort", this::offsetsAbort);
    checks.check("consume-transform-produce", this::transform);
    checks.check("transaction-timeout", this::timeout);
  }

  private KafkaProducer<String, String> transactional(String id) {
    var producer = cluster.producer("transactional.id", id);
    producer.initTransactions();
    return producer;
  }

  private void commit() throws Exception {
    var topic = cluster.newTopic(1);
    var other = cluster.newTopic(1);
    try (var producer = transactional(cluster.newName("tx"))) {
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "a"));
      producer.send(new ProducerRecord<>(other, "b"));
      producer.send(new ProducerRecord<>(topic, "c"));
      producer.commitTransaction();
    }
    cluster.expect(topic, COMMITTED, List.of("a", "c"));
    cluster.expect(other, COMMITTED, List.of("b"));
  }

  private void abort() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = transactional(cluster.newName("tx"))) {
      send(producer, topic, "committed");
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "aborted")).get();
      producer.abortTransaction();
      send(producer, topic, "after");
    }
    cluster.expect(topic, COMMITTED, List.of("committed", "after"));
    cluster.expect(topic, UNCOMMITTED, List.of("committed", "aborted", "after"));
  }

  /** Two producers and a plain one take turns in one partition. */
  private void interleaved() throws Exception {
    var topic = cluster.newTopic(1);
    try (var one = transactional(cluster.newName("tx"));
        var two = transactional(cluster.newName("tx"));
        var plain = cluster.producer()) {
      one.beginTransaction();
      two.beginTransaction();
      for (int i = 0; i < 3; i++) {
        one.send(new ProducerRecord<>(topic, "one " + i)).get();
        two.send(new ProducerRecord<>(topic, "two " + i)).get();
        plain.send(new ProducerRecord<>(topic, "plain " + i)).get();
      }
      two.abortTransaction();
      one.commitTransaction();
    }
    var expected = List.of("one 0", "plain 0", "one 1", "plain 1", "one 2", "plain 2");
    cluster.expect(topic, COMMITTED, expected);
    Checks.equal(9, cluster.values(topic, UNCOMMITTED).size(), "read_uncommitted");
  }

  private void openHoldsReaders() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = transactional(cluster.newName("tx"));
        var plain = cluster.producer()) {
      plain.send(new ProducerRecord<>(topic, "before")).get();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "open")).get();
      plain.send(new ProducerRecord<>(topic, "behind")).get();
      cluster.expect(topic, COMMITTED, List.of("before"));
      cluster.expect(topic, UNCOMMITTED, List.of("before", "open", "behind"));
      producer.commitTransaction();
    }
    cluster.expect(topic, COMMITTED, List.of("before", "open", "behind"));
  }

  private void fencing() throws Exception {
    var topic = cluster.newTopic(1);
    var id = cluster.newName("tx");
    try (var old = transactional(id)) {
      old.beginTransaction();
      old.send(new ProducerRecord<>(topic, "of the old one")).get();
      try (var fresh = transactional(id)) {
        // The client wraps what it meets first: a fenced producer or a stale epoch.
        Checks.fails(
            ApiException.class,
            () -> {
              old.send(new ProducerRecord<>(topic, "too late")).get();
              old.commitTransaction();
            });
        send(fresh, topic, "of the new one");
      }
    }
    cluster.expect(topic, COMMITTED, List.of("of the new one"));
  }

  private void offsets() throws Exception {
    var topic = cluster.newTopic(1);
    var group = cluster.newName("group");
    var partition = Cluster.first(topic);
    try (var producer = transactional(cluster.newName("tx"));
        var consumer = cluster.consumer("group.id", group)) {
      consumer.assign(List.of(partition));
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(3, "in a transaction")), consumer.groupMetadata());
      try (var admin = cluster.admin()) {
        var before = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        Checks.require(before.get(partition) == null, "an offset that is not committed was shown: " + before);
      }
      producer.commitTransaction();
      var committed = consumer.committed(Set.of(partition)).get(partition);
      Checks.equal(new OffsetAndMetadata(3, "in a transaction"), committed, "committed");
    }
  }

  private void offsetsAbort() throws Exception {
    var topic = cluster.newTopic(1);
    var partition = Cluster.first(topic);
    try (var producer = transactional(cluster.newName("tx"));
        var consumer = cluster.consumer("group.id", cluster.newName("group"))) {
      consumer.assign(List.of(partition));
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(1)));
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(3)), consumer.groupMetadata());
      producer.abortTransaction();
      Checks.equal(1L, consumer.committed(Set.of(partition)).get(partition).offset(), "committed");
    }
  }

  /** Doubles numbers from one topic into another; every third round is aborted and done again. */
  private void transform() throws Exception {
    var in = cluster.newTopic(1);
    var out = cluster.newTopic(1);
    cluster.fill(in, 50);
    var settings = new Object[] {"group.id", cluster.newName("group"), "max.poll.records", 10, "isolation.level", COMMITTED};
    try (var producer = transactional(cluster.newName("tx"));
        var consumer = cluster.consumer(settings)) {
      consumer.subscribe(List.of(in));
      for (int round = 0, done = 0; done < 50; ) {
        var records = consumer.poll(Duration.ofMillis(200));
        if (records.isEmpty()) {
          continue;
        }
        producer.beginTransaction();
        records.forEach(r -> producer.send(new ProducerRecord<>(out, Integer.toString(2 * Integer.parseInt(r.value())))));
        // What is aborted unsent would leave no trace to look for.
        producer.flush();
        producer.sendOffsetsToTransaction(positions(consumer), consumer.groupMetadata());
        if (round++ % 3 == 0) {
          producer.abortTransaction();
          rewind(consumer);
        } else {
          producer.commitTransaction();
          done += records.count();
        }
      }
    }
    var expected = ProduceChecks.numbers(50).stream().map(n -> Integer.toString(2 * Integer.parseInt(n))).toList();
    cluster.expect(out, COMMITTED, expected);
    Checks.require(cluster.values(out, UNCOMMITTED).size() > 50, "no round was aborted");
  }

  /** A transaction that nobody ends is ended by the broker, so that readers are not held for ever. */
  private void timeout() throws Exception {
    var topic = cluster.newTopic(1);
    try (var producer = cluster.producer("transactional.id", cluster.newName("tx"), "transaction.timeout.ms", 1000);
        var plain = cluster.producer();
        var consumer = cluster.consumer("isolation.level", COMMITTED)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "forgotten")).get();
      plain.send(new ProducerRecord<>(topic, "behind")).get();
      consumer.assign(List.of(Cluster.first(topic)));
      Checks.equal("behind", Cluster.poll(consumer, 1).get(0).value(), "value");
    }
  }

  private static void send(KafkaProducer<String, String> producer, String topic, String value) {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, value));
    producer.commitTransaction();
  }

  private static Map<TopicPartition, OffsetAndMetadata> positions(KafkaConsumer<?, ?> consumer) {
    return consumer.assignment().stream().collect(toMap(p -> p, p -> new OffsetAndMetadata(consumer.position(p))));
  }

  private static void rewind(KafkaConsumer<?, ?> consumer) {
    var committed = consumer.committed(consumer.assignment());
    for (var partition : consumer.assignment()) {
      var offset = committed.get(partition);
      consumer.seek(partition, offset == null ? 0 : offset.offset());
    }
  }
}
