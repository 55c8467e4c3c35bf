import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Which records the members of a group have had between them. */
final class Coverage {
  private final Map<TopicPartition, BitSet> seen = new HashMap<>();

  synchronized void add(TopicPartition partition, long offset) {
    seen.computeIfAbsent(partition, any -> new BitSet()).set((int) offset);
  }

  synchronized long count() {
    return seen.values().stream().mapToLong(BitSet::cardinality).sum();
  }

  /** Whether a record has been had. */
  synchronized boolean has(TopicPartition partition, long offset) {
    return seen.containsKey(partition) && seen.get(partition).get((int) offset);
  }
}
