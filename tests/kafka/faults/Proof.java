import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Shows that the checks can fail: each damage that a broker could do must be noticed by its own check. */
final class Proof {
  private final History history;
  private final Log committed;
  private final Log uncommitted;
  private int unnoticed;

  Proof(History history, Log committed, Log uncommitted) {
    this.history = history;
    this.committed = committed;
    this.uncommitted = uncommitted;
  }

  /** Does every damage in turn; the number of those that were not noticed. */
  int run() {
    var plain = new TopicPartition(Clients.PLAIN, 0);
    damage("lost record", (shown, all) -> all.entries(plain).remove(7));
    damage("duplicated record", (shown, all) -> all.entries(plain).add(at(end(all, plain), all.entries(plain).get(5))));
    damage("reordered records", (shown, all) -> swapNeighbours(all.entries(plain)));
    damage("moved record", (shown, all) -> all.entries(plain).set(3, at(1_000_000, all.entries(plain).get(3))));
    damage("aborted records read", this::showAborted);
    damage("lost transaction", this::hideTransaction);
    damage("torn transaction", (shown, all) -> tear(shown));
    damage("copies differ", (shown, all) -> shown.entries(new TopicPartition(Clients.COPIES, 1)).remove(2));
    damage("counts differ", (shown, all) -> countTwice(shown.entries(new TopicPartition(Clients.COUNTS, 0))));
    moveBack();
    return unnoticed;
  }

  private void damage(String kind, BiConsumer<Log, Log> doer) {
    var violations = new Violations(true);
    var shown = committed.copy();
    var all = uncommitted.copy();
    doer.accept(shown, all);
    new Checker(history, shown, all, violations).check();
    judge(kind, violations);
  }

  private void judge(String kind, Violations violations) {
    boolean isNoticed = violations.count(kind) > 0;
    System.out.println((isNoticed ? "noticed: " : "NOT NOTICED: ") + kind);
    unnoticed += isNoticed ? 0 : 1;
  }

  private static long end(Log log, TopicPartition partition) {
    var entries = log.entries(partition);
    return entries.get(entries.size() - 1).offset() + 1;
  }

  private static Log.Entry at(long offset, Log.Entry entry) {
    return new Log.Entry(offset, entry.key(), entry.value());
  }

  /** Two records of one producer change places. */
  private static void swapNeighbours(List<Log.Entry> entries) {
    var first = entries.get(0);
    var writer = Mark.parse(first.value()).writer();
    int other = 1;
    while (!Mark.parse(entries.get(other).value()).writer().equals(writer)) {
      other++;
    }
    var second = entries.get(other);
    entries.set(0, at(first.offset(), second));
    entries.set(other, at(second.offset(), first));
  }

  private void showAborted(Log shown, Log all) {
    for (var partition : Log.partitions(Clients.TRANSACTIONS)) {
      for (var entry : all.entries(partition)) {
        if (outcome(entry) == History.Outcome.ABORTED) {
          shown.entries(partition).add(entry);
          return;
        }
      }
    }
  }

  private void hideTransaction(Log shown, Log all) {
    var chosen = Mark.parse(shown.entries(new TopicPartition(Clients.TRANSACTIONS, 0)).get(0).value());
    for (var partition : Log.partitions(Clients.TRANSACTIONS)) {
      shown.entries(partition).removeIf(entry -> isOf(chosen, Mark.parse(entry.value())));
    }
  }

  private static boolean isOf(Mark chosen, Mark mark) {
    return mark.writer().equals(chosen.writer()) && mark.transaction() == chosen.transaction();
  }

  /** Hides one record of a transaction of several. */
  private static void tear(Log shown) {
    var entries = shown.entries(new TopicPartition(Clients.TRANSACTIONS, 1));
    for (var entry : entries) {
      if (Mark.parse(entry.value()).count() > 1) {
        entries.remove(entry);
        return;
      }
    }
  }

  private static void countTwice(List<Log.Entry> entries) {
    entries.add(entries.get(entries.size() - 1));
  }

  private History.Outcome outcome(Log.Entry entry) {
    var mark = Mark.parse(entry.value());
    return history.outcomes().get(new History.Transaction(mark.writer(), mark.transaction()));
  }

  private void moveBack() {
    var violations = new Violations(true);
    var commits = new Commits(violations);
    var partition = new TopicPartition(Clients.PLAIN, 0);
    commits.raise("group", Map.of(partition, new OffsetAndMetadata(9)));
    commits.check("group", commits.floors("group"), Map.of(partition, new OffsetAndMetadata(8)));
    judge("committed offset went back", violations);
  }
}
