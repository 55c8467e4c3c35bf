/**
 * The value of a record that a producer of the test wrote: who, its sequence in the partition, and, in a
 * transaction, which one and how many records that has. Written as {@code writer/sequence[/transaction/count]}.
 */
record Mark(String writer, int sequence, int transaction, int count) {
  private static final int NONE = -1;

  static Mark plain(String writer, int sequence) {
    return new Mark(writer, sequence, NONE, NONE);
  }

  static Mark parse(String text) {
    var parts = text.split("/");
    int sequence = Integer.parseInt(parts[1]);
    if (parts.length == 2) {
      return plain(parts[0], sequence);
    }
    return new Mark(parts[0], sequence, Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
  }

  @Override
  public String toString() {
    return writer + "/" + sequence + (transaction == NONE ? "" : "/" + transaction + "/" + count);
  }
}
