import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;

/** What the broker told all producers, and what they decided of their transactions. */
final class History {
  /** One producer in one partition. */
  record Source(String writer, TopicPartition partition) {}

  /** One transaction of one producer. */
  record Transaction(String writer, int number) {}

  /** How a transaction ended, as far as its producer can know. */
  enum Outcome {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  private final Map<Source, Told> told = new ConcurrentHashMap<>();
  private final Map<Transaction, Outcome> outcomes = new ConcurrentHashMap<>();

  Told told(String writer, TopicPartition partition) {
    return told.computeIfAbsent(new Source(writer, partition), source -> new Told());
  }

  Map<Source, Told> told() {
    return told;
  }

  void decide(Transaction transaction, Outcome outcome) {
    outcomes.put(transaction, outcome);
  }

  Map<Transaction, Outcome> outcomes() {
    return outcomes;
  }

  /** How many transactions ended in each way. */
  Map<Outcome, Integer> outcomeCounts() {
    var counts = new TreeMap<Outcome, Integer>();
    outcomes.values().forEach(outcome -> counts.merge(outcome, 1, Integer::sum));
    return counts;
  }

  /** How many records were acknowledged. */
  int acknowledged() {
    return told.values().stream().mapToInt(Told::acknowledged).sum();
  }
}
