import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Reads all topics while they are written, from the first offset to the last, and remembers what it had. */
final class LiveReader {
  private final Load load;
  private final String isolation;
  private final Map<TopicPartition, Trace> traces = new LinkedHashMap<>();

  LiveReader(Load load, String isolation) {
    this.load = load;
    this.isolation = isolation;
    for (var topic : Clients.TOPICS) {
      for (int partition = 0; partition < Clients.PARTITIONS; partition++) {
        traces.put(new TopicPartition(topic, partition), new Trace());
      }
    }
  }

  Map<TopicPartition, Trace> traces() {
    return traces;
  }

  /** How many records of a topic it has had. */
  int count(String topic) {
    return traces.entrySet().stream()
        .filter(entry -> entry.getKey().topic().equals(topic))
        .mapToInt(entry -> entry.getValue().count())
        .sum();
  }

  /** Where its position is no longer in the log, this fails: no log may become shorter. */
  void run() {
    try (var consumer = load.clients.consumer("isolation.level", isolation, "auto.offset.reset", "none")) {
      consumer.assign(traces.keySet());
      consumer.seekToBeginning(traces.keySet());
      while (load.isRunning()) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          var trace = traces.get(new TopicPartition(record.topic(), record.partition()));
          trace.add(record.offset(), Log.hash(record.key(), record.value()));
        }
        traces.forEach((partition, trace) -> trace.moveTo(consumer.position(partition)));
      }
    }
  }
}
