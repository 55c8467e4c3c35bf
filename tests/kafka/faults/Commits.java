import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The highest offset that each group is known to have committed; what the broker answers may not be lower. */
final class Commits {
  private final Violations violations;
  private final Map<String, Map<TopicPartition, Long>> floors = new HashMap<>();

  Commits(Violations violations) {
    this.violations = violations;
  }

  /** Notes what the broker has acknowledged or shown. */
  synchronized void raise(String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
    var known = floors.computeIfAbsent(group, any -> new HashMap<>());
    offsets.forEach((partition, offset) -> known.merge(partition, offset.offset(), Math::max));
  }

  /** What is known of a group now. */
  synchronized Map<TopicPartition, Long> floors(String group) {
    return new HashMap<>(floors.getOrDefault(group, Map.of()));
  }

  /** Compares what the broker showed with what was known before it was asked. */
  void check(String group, Map<TopicPartition, Long> before, Map<TopicPartition, OffsetAndMetadata> shown) {
    before.forEach(
        (partition, floor) -> {
          var offset = shown.get(partition);
          violations.require(
              offset != null && offset.offset() >= floor,
              "committed offset went back",
              group + " in " + partition + ": from " + floor + " to " + offset);
        });
    raise(group, shown);
  }

  /** Asks the broker again and again. */
  void watch(Load load) throws Exception {
    try (var admin = load.clients.admin()) {
      while (load.isRunning()) {
        for (var group : Watcher.GROUPS) {
          var before = floors(group);
          var all = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
          all.values().removeIf(offset -> offset == null);
          check(group, before, all);
        }
        Thread.sleep(100);
      }
    }
  }
}
