import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Groups that read a topic and commit after each poll; of two members, one comes and goes. */
final class Watcher {
  static final String CLASSIC = "watch-classic";
  static final String CONSUMER = "watch-consumer";
  /** Every group whose committed offsets are watched. */
  static final List<String> GROUPS = List.of(CLASSIC, CONSUMER, Transformer.GROUP);

  private static final int PRESENCE_MS_MAX = 4_000;

  private final Load load;
  private final Commits commits;
  private final String group;
  private final Coverage coverage;

  Watcher(Load load, Commits commits, String group, Coverage coverage) {
    this.load = load;
    this.commits = commits;
    this.group = group;
    this.coverage = coverage;
  }

  /** A member that stays to the end. */
  void stay() {
    member(Long.MAX_VALUE);
  }

  /** A member that comes, leaves, and comes again. */
  void comeAndGo() throws InterruptedException {
    load.comeAndGo(PRESENCE_MS_MAX, this::member);
  }

  private void member(long untilNanos) {
    try (var consumer = load.clients.consumer(settings())) {
      consumer.subscribe(List.of(Clients.PLAIN));
      while (load.isRunning() && System.nanoTime() < untilNanos) {
        var records = consumer.poll(Duration.ofMillis(100));
        records.forEach(record -> coverage.add(new TopicPartition(record.topic(), record.partition()), record.offset()));
        if (!records.isEmpty()) {
          commit(consumer, records.nextOffsets());
        }
      }
    }
  }

  private Object[] settings() {
    if (group.equals(CONSUMER)) {
      return new Object[] {"group.id", group, "group.protocol", "consumer"};
    }
    return new Object[] {"group.id", group, "session.timeout.ms", 5_000, "heartbeat.interval.ms", 300};
  }

  private void commit(KafkaConsumer<?, ?> consumer, Map<TopicPartition, OffsetAndMetadata> offsets) {
    try {
      consumer.commitSync(offsets);
      commits.raise(group, new HashMap<>(offsets));
    } catch (KafkaException refused) {
      // The group has moved on, or the broker was away for long: another member has these records again.
      load.refusals.incrementAndGet();
    }
  }
}
