import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * A member of a group that copies a topic exactly once: for each record its offset, into the same partition
 * of another topic, in one transaction with the group's offsets. Some transactions are aborted and repeated.
 */
final class Transformer {
  static final String GROUP = "transform";

  private static final int PRESENCE_MS_MAX = 5_000;
  private static final int ONE_IN_ABORTS = 6;

  private final Load load;
  private final Commits commits;
  private final String name;

  Transformer(Load load, Commits commits, String name) {
    this.load = load;
    this.commits = commits;
    this.name = name;
  }

  /** A member that stays; one that the broker refuses comes again. */
  void stay() {
    while (load.isRunning()) {
      member(Long.MAX_VALUE);
    }
  }

  /** A member that comes, leaves, and comes again. */
  void comeAndGo() throws InterruptedException {
    load.comeAndGo(PRESENCE_MS_MAX, this::member);
  }

  private void member(long untilNanos) {
    var settings = new Object[] {
      "group.id", GROUP, "isolation.level", Clients.COMMITTED, "max.poll.records", 200,
      "session.timeout.ms", 5_000, "heartbeat.interval.ms", 300
    };
    try (var consumer = load.clients.consumer(settings);
        var producer = load.clients.producer("transactional.id", name, "transaction.timeout.ms", 20_000)) {
      TransactionWriter.repeat(producer::initTransactions);
      consumer.subscribe(List.of(Clients.PLAIN));
      while (load.isRunning() && System.nanoTime() < untilNanos) {
        var records = consumer.poll(Duration.ofMillis(100));
        if (!records.isEmpty() && !copy(consumer, producer, records)) {
          return;
        }
      }
    }
  }

  /** Copies in one transaction; false when this producer can't go on. */
  private boolean copy(
      KafkaConsumer<String, String> consumer, KafkaProducer<String, String> producer, ConsumerRecords<String, String> records) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>(records.nextOffsets());
    try {
      producer.beginTransaction();
      records.forEach(
          record ->
              producer.send(
                  new ProducerRecord<>(Clients.COPIES, record.partition(), null, Long.toString(record.offset()))));
      producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
      if (ThreadLocalRandom.current().nextInt(ONE_IN_ABORTS) == 0) {
        TransactionWriter.repeat(producer::abortTransaction);
        rewind(consumer);
      } else {
        TransactionWriter.repeat(producer::commitTransaction);
        commits.raise(GROUP, offsets);
      }
      return true;
    } catch (KafkaException refused) {
      load.refusals.incrementAndGet();
      System.err.println(name + ": " + refused + ", cause " + refused.getCause());
      return resume(consumer, producer);
    }
  }

  /** Ends the transaction that the broker refused, for instance because the group has moved on. */
  private boolean resume(KafkaConsumer<String, String> consumer, KafkaProducer<String, String> producer) {
    try {
      TransactionWriter.repeat(producer::abortTransaction);
      rewind(consumer);
      return true;
    } catch (KafkaException fatal) {
      return false;
    }
  }

  private static void rewind(KafkaConsumer<?, ?> consumer) {
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment(), Duration.ofSeconds(60));
    for (var partition : consumer.assignment()) {
      var offset = committed.get(partition);
      consumer.seek(partition, offset == null ? 0 : offset.offset());
    }
  }
}
