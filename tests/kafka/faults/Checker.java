import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Compares what the clients were told and had with what the log holds in the end. */
final class Checker {
  private final History history;
  private final Log committed;
  private final Log uncommitted;
  private final Violations violations;

  Checker(History history, Log committed, Log uncommitted, Violations violations) {
    this.history = history;
    this.committed = committed;
    this.uncommitted = uncommitted;
    this.violations = violations;
  }

  /** All checks of the log itself. */
  void check() {
    for (var topic : List.of(Clients.PLAIN, Clients.KEYED, Clients.TRANSACTIONS)) {
      Log.partitions(topic).forEach(this::checkWriters);
    }
    checkTransactions();
    Log.partitions(Clients.COPIES).forEach(this::checkCopies);
    checkCounts();
  }

  /** Acknowledged records are at their offsets, once, and in the order in which each producer sent them. */
  private void checkWriters(TopicPartition partition) {
    var last = new HashMap<String, Integer>();
    var found = new HashMap<String, Map<Integer, Long>>();
    for (var entry : uncommitted.entries(partition)) {
      var mark = Mark.parse(entry.value());
      var where = entry.value() + " at " + entry.offset() + " of " + partition;
      var former = found.computeIfAbsent(mark.writer(), any -> new HashMap<>()).put(mark.sequence(), entry.offset());
      violations.require(former == null, "duplicated record", where + " is at " + former + " too");
      int before = last.getOrDefault(mark.writer(), -1);
      violations.require(mark.sequence() >= before, "reordered records", where + " follows " + before);
      last.put(mark.writer(), Math.max(before, mark.sequence()));
    }
    history.told().forEach(
        (source, told) -> {
          if (source.partition().equals(partition)) {
            checkTold(source, told, found.getOrDefault(source.writer(), Map.of()));
          }
        });
  }

  private void checkTold(History.Source source, Told told, Map<Integer, Long> found) {
    for (int sequence = 0; sequence < told.count(); sequence++) {
      long offset = told.offset(sequence);
      var at = found.get(sequence);
      var what = source.writer() + "/" + sequence + " in " + source.partition();
      violations.require(offset != Told.NOTHING, "unanswered record", what);
      if (offset >= 0) {
        violations.require(at != null, "lost record", what + ", acknowledged at " + offset);
        violations.require(at == null || at == offset, "moved record", what + " from " + offset + " to " + at);
      }
    }
  }

  /** Transactions are there whole or not at all; aborted ones not at all; committed ones whole. */
  private void checkTransactions() {
    var counts = new HashMap<History.Transaction, Integer>();
    var sizes = new HashMap<History.Transaction, Integer>();
    for (var partition : Log.partitions(Clients.TRANSACTIONS)) {
      for (var entry : committed.entries(partition)) {
        var mark = Mark.parse(entry.value());
        var transaction = new History.Transaction(mark.writer(), mark.transaction());
        counts.merge(transaction, 1, Integer::sum);
        sizes.put(transaction, mark.count());
      }
    }
    history.outcomes().forEach(
        (transaction, outcome) -> {
          int count = counts.getOrDefault(transaction, 0);
          if (outcome == History.Outcome.ABORTED) {
            violations.require(count == 0, "aborted records read", transaction + ": " + count);
          } else if (outcome == History.Outcome.COMMITTED) {
            violations.require(count > 0, "lost transaction", transaction.toString());
          }
          int size = sizes.getOrDefault(transaction, count);
          violations.require(count == 0 || count == size, "torn transaction", transaction + ": " + count + " of " + size);
        });
  }

  /** The copies of a partition are its offsets, each once and in order. */
  private void checkCopies(TopicPartition copies) {
    var originals = uncommitted.entries(new TopicPartition(Clients.PLAIN, copies.partition()));
    var expected = originals.stream().map(entry -> Long.toString(entry.offset())).toList();
    var actual = committed.entries(copies).stream().map(Log.Entry::value).toList();
    violations.require(expected.equals(actual), "copies differ", copies + ": " + firstDifference(expected, actual));
  }

  /** For every key, Kafka Streams has counted 1, 2, 3 up to the number of its records. */
  private void checkCounts() {
    var expected = new HashMap<String, Integer>();
    for (var partition : Log.partitions(Clients.KEYED)) {
      uncommitted.entries(partition).forEach(entry -> expected.merge(entry.key(), 1, Integer::sum));
    }
    var counted = new HashMap<String, List<String>>();
    for (var partition : Log.partitions(Clients.COUNTS)) {
      for (var entry : committed.entries(partition)) {
        counted.computeIfAbsent(entry.key(), any -> new ArrayList<>()).add(entry.value());
      }
    }
    violations.require(expected.keySet().containsAll(counted.keySet()), "counts differ", "of keys that are not there");
    expected.forEach(
        (key, count) -> {
          var wanted = new ArrayList<String>();
          for (int i = 1; i <= count; i++) {
            wanted.add(Integer.toString(i));
          }
          var actual = counted.getOrDefault(key, List.of());
          violations.require(wanted.equals(actual), "counts differ", key + ": " + firstDifference(wanted, actual));
        });
  }

  /** A reader beside the load has had just what is there in the end: nothing else, nothing less, in order. */
  static void checkLive(LiveReader reader, Log log, Violations violations) {
    reader.traces().forEach(
        (partition, trace) -> {
          var entries = log.entries(partition);
          int common = Math.min(entries.size(), trace.count());
          for (int i = 0; i < common; i++) {
            var entry = entries.get(i);
            boolean isSame = entry.offset() == trace.offset(i) && Log.hash(entry.key(), entry.value()) == trace.hash(i);
            if (!isSame) {
              violations.add("log changed under a reader", partition + ": had " + trace.offset(i) + ", now " + entry);
              return;
            }
          }
          violations.require(
              entries.size() == trace.count(),
              "log changed under a reader",
              partition + ": had " + trace.count() + " records, now " + entries.size());
        });
  }

  /** Between them the members of a group have had every record. */
  static void checkCoverage(String group, Coverage coverage, Log log, Violations violations) {
    for (var partition : Log.partitions(Clients.PLAIN)) {
      for (var entry : log.entries(partition)) {
        boolean isHad = coverage.has(partition, entry.offset());
        violations.require(isHad, "skipped by a group", group + ": " + entry.offset() + " of " + partition);
      }
    }
  }

  private static String firstDifference(List<String> expected, List<String> actual) {
    int common = Math.min(expected.size(), actual.size());
    for (int i = 0; i < common; i++) {
      if (!expected.get(i).equals(actual.get(i))) {
        return "number " + i + " is " + actual.get(i) + " instead of " + expected.get(i);
      }
    }
    return actual.size() + " instead of " + expected.size();
  }
}
