import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;

/** Everything that one isolation level shows of the topics when all is over. */
final class Log {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** One record. */
  record Entry(long offset, String key, String value) {}

  private final Map<TopicPartition, List<Entry>> partitions;

  private Log(Map<TopicPartition, List<Entry>> partitions) {
    this.partitions = partitions;
  }

  /** Reads all, up to the end that the isolation level has now. */
  static Log read(Clients clients, String isolation, Violations violations) {
    var partitions = new LinkedHashMap<TopicPartition, List<Entry>>();
    for (var topic : Clients.TOPICS) {
      for (int partition = 0; partition < Clients.PARTITIONS; partition++) {
        partitions.put(new TopicPartition(topic, partition), new ArrayList<>());
      }
    }
    try (var consumer = clients.consumer("isolation.level", isolation, "auto.offset.reset", "none")) {
      consumer.assign(partitions.keySet());
      consumer.seekToBeginning(partitions.keySet());
      var ends = consumer.endOffsets(partitions.keySet());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (partitions.keySet().stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          var entry = new Entry(record.offset(), record.key(), record.value());
          partitions.get(new TopicPartition(record.topic(), record.partition())).add(entry);
        }
        if (System.nanoTime() > deadline) {
          violations.add("stuck", "a " + isolation + " reader does not come to the end " + ends);
          break;
        }
      }
    }
    return new Log(partitions);
  }

  /** Tells records apart. */
  static int hash(String key, String value) {
    return Objects.hash(key, value);
  }

  /** A copy that can be changed. */
  Log copy() {
    var copies = new LinkedHashMap<TopicPartition, List<Entry>>();
    partitions.forEach((partition, entries) -> copies.put(partition, new ArrayList<>(entries)));
    return new Log(copies);
  }

  List<Entry> entries(TopicPartition partition) {
    return partitions.get(partition);
  }

  /** The partitions of a topic. */
  static List<TopicPartition> partitions(String topic) {
    var partitions = new ArrayList<TopicPartition>();
    for (int partition = 0; partition < Clients.PARTITIONS; partition++) {
      partitions.add(new TopicPartition(topic, partition));
    }
    return partitions;
  }

  /** How many records a topic has. */
  int count(String topic) {
    return partitions(topic).stream().mapToInt(partition -> entries(partition).size()).sum();
  }
}
