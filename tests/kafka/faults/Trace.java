import java.util.Arrays;

/** The records of a partition in the order in which a reader had them: offsets, and hashes of what they hold. */
final class Trace {
  private long[] offsets = new long[1024];
  private int[] hashes = new int[1024];
  private int count;
  private long position;

  synchronized void add(long offset, int hash) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
      hashes = Arrays.copyOf(hashes, 2 * count);
    }
    offsets[count] = offset;
    hashes[count] = hash;
    count++;
  }

  /** Where the reader reads on; behind the last record there may be markers of transactions. */
  synchronized void moveTo(long position) {
    this.position = position;
  }

  synchronized long position() {
    return position;
  }

  synchronized int count() {
    return count;
  }

  synchronized long offset(int index) {
    return offsets[index];
  }

  synchronized int hash(int index) {
    return hashes[index];
  }
}
