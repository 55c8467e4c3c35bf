import java.util.Arrays;

/**
 * What one producer was told of its records in one partition, by their sequence: the offset of each, or that
 * it failed, or nothing yet. Sequences are the test's own, from 0 without gaps in the order of sending.
 */
final class Told {
  static final long NOTHING = -1;
  static final long FAILED = -2;

  private long[] offsets = new long[1024];
  private int count;

  /** The sequence of the next record to be sent. */
  synchronized int next() {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    offsets[count] = NOTHING;
    return count++;
  }

  /** Notes the offset that the broker told. */
  synchronized void acknowledge(int sequence, long offset) {
    offsets[sequence] = offset;
  }

  /** Notes that the broker may have the record or not. */
  synchronized void fail(int sequence) {
    offsets[sequence] = FAILED;
  }

  synchronized int count() {
    return count;
  }

  /** The offset, {@link #NOTHING} or {@link #FAILED}. */
  synchronized long offset(int sequence) {
    return offsets[sequence];
  }

  /** How many records were acknowledged. */
  synchronized int acknowledged() {
    return (int) Arrays.stream(offsets, 0, count).filter(offset -> offset >= 0).count();
  }
}
