import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** An idempotent producer with many records in flight, to all partitions of two topics. */
final class PlainWriter {
  private static final int IN_FLIGHT_MAX = 500;
  private static final int PAUSE_MS = 15;
  private static final int BURST_MAX = 3;
  private static final int KEYS = 10;

  private final Load load;
  private final String name;
  private final Semaphore room = new Semaphore(IN_FLIGHT_MAX);

  PlainWriter(Load load, String name) {
    this.load = load;
    this.name = name;
  }

  void run() throws InterruptedException {
    try (var producer = load.clients.producer()) {
      while (load.isWriting()) {
        for (int partition = 0; partition < Clients.PARTITIONS; partition++) {
          burst(producer, new TopicPartition(Clients.PLAIN, partition));
          burst(producer, new TopicPartition(Clients.KEYED, partition));
        }
        Thread.sleep(PAUSE_MS);
      }
      producer.flush();
    }
  }

  private void burst(KafkaProducer<String, String> producer, TopicPartition partition) throws InterruptedException {
    var told = load.history.told(name, partition);
    for (int left = ThreadLocalRandom.current().nextInt(BURST_MAX); left > 0; left--) {
      room.acquire();
      int sequence = told.next();
      // A key stays in one partition, as Kafka Streams must have it to count by key.
      var key = "k" + partition.partition() + "-" + sequence % KEYS;
      var value = Mark.plain(name, sequence).toString();
      producer.send(
          new ProducerRecord<>(partition.topic(), partition.partition(), key, value),
          (metadata, failure) -> {
            room.release();
            if (failure == null) {
              told.acknowledge(sequence, metadata.offset());
            } else {
              told.fail(sequence);
              load.violations.add("refused record", value + " to " + partition + ": " + failure);
            }
          });
    }
  }
}
