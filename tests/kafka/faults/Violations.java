import java.util.LinkedHashMap;
import java.util.Map;

/** What must never be, and was: counted by kind, the first few of each kind in words. */
final class Violations {
  private static final int WORDS_MAX = 10;

  private final boolean isQuiet;
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  Violations(boolean isQuiet) {
    this.isQuiet = isQuiet;
  }

  /** Notes one. */
  synchronized void add(String kind, String words) {
    int count = counts.merge(kind, 1, Integer::sum);
    if (count <= WORDS_MAX && !isQuiet) {
      System.err.println("VIOLATION " + kind + ": " + words);
    }
  }

  /** Notes one unless the condition holds. */
  void require(boolean condition, String kind, String words) {
    if (!condition) {
      add(kind, words);
    }
  }

  synchronized int count(String kind) {
    return counts.getOrDefault(kind, 0);
  }

  synchronized Map<String, Integer> counts() {
    return new LinkedHashMap<>(counts);
  }
}
