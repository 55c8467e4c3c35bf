import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/** A Kafka Streams application that counts records per key, exactly once; it is ended and begun anew at times. */
final class Counter {
  private static final int LIFE_MS_MIN = 8_000;
  private static final int LIFE_MS_MAX = 30_000;

  private final Load load;
  private final Path directory;

  Counter(Load load, Path directory) {
    this.load = load;
    this.directory = directory;
  }

  void run() throws InterruptedException {
    while (load.isRunning()) {
      try (var streams = new KafkaStreams(topology(), properties())) {
        streams.setUncaughtExceptionHandler(this::replace);
        streams.start();
        long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(LIFE_MS_MIN, LIFE_MS_MAX) * 1_000_000L;
        // While the last results are awaited, the application stays.
        while (load.isRunning() && (System.nanoTime() < until || !load.isWriting())) {
          Thread.sleep(100);
        }
        streams.close(Duration.ofSeconds(20));
      }
    }
  }

  private StreamThreadExceptionResponse replace(Throwable failure) {
    load.refusals.incrementAndGet();
    System.err.println("a thread of Kafka Streams ended: " + failure + ", cause " + failure.getCause());
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  /** Every record changes its key's count, and every change is a record of the output. */
  private static Topology topology() {
    var builder = new StreamsBuilder();
    // The state is in memory: each new thread reads its changelog again.
    var counts = Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts-of-keys"));
    builder.stream(Clients.KEYED, Consumed.with(Serdes.String(), Serdes.String()))
        .groupByKey()
        .count(counts.withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .mapValues(count -> Long.toString(count))
        .to(Clients.COUNTS, Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  private Properties properties() {
    var properties = new Properties();
    properties.putAll(load.clients.settings("application.id", "counter", "processing.guarantee", "exactly_once_v2"));
    properties.put("commit.interval.ms", 100);
    properties.put("statestore.cache.max.bytes", 0);
    properties.put("num.stream.threads", 2);
    properties.put("state.dir", directory.toString());
    properties.put("main.consumer.session.timeout.ms", 5_000);
    properties.put("main.consumer.heartbeat.interval.ms", 300);
    properties.put("consumer.auto.offset.reset", "earliest");
    properties.put("producer.linger.ms", 1);
    return properties;
  }
}
