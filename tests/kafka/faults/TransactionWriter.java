import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** A producer of transactions: most are committed, some aborted, some left open by a producer that vanishes. */
final class TransactionWriter {
  private static final int RECORDS_MAX = 30;
  private static final int PAUSE_MS_MAX = 60;
  private static final int ONE_IN_ABORTS = 4;
  private static final int ONE_IN_VANISHES = 25;

  private final Load load;
  private final String name;
  private KafkaProducer<String, String> producer;

  TransactionWriter(Load load, String name) {
    this.load = load;
    this.name = name;
  }

  void run() throws InterruptedException {
    renew();
    for (int number = 0; load.isWriting(); number++) {
      var transaction = new History.Transaction(name, number);
      // Until more is known, all or nothing of it may be seen.
      load.history.decide(transaction, History.Outcome.UNKNOWN);
      try {
        load.history.decide(transaction, play(number));
      } catch (KafkaException refused) {
        load.refusals.incrementAndGet();
        System.err.println(name + " transaction " + number + ": " + refused + ", cause " + refused.getCause());
        renew();
      }
      Thread.sleep(ThreadLocalRandom.current().nextInt(PAUSE_MS_MAX));
    }
    producer.close();
  }

  /** A new producer of the same transactional id: the broker aborts what the former one left open. */
  private void renew() {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
    producer = load.clients.producer("transactional.id", name, "transaction.timeout.ms", 20_000);
    repeat(producer::initTransactions);
  }

  private History.Outcome play(int number) {
    var random = ThreadLocalRandom.current();
    producer.beginTransaction();
    int count = 1 + random.nextInt(RECORDS_MAX);
    for (int i = 0; i < count; i++) {
      send(number, count, random.nextInt(Clients.PARTITIONS));
    }
    if (random.nextInt(ONE_IN_VANISHES) == 0) {
      producer.flush();
      renew();
      return History.Outcome.ABORTED;
    }
    if (random.nextInt(ONE_IN_ABORTS) == 0) {
      repeat(producer::abortTransaction);
      return History.Outcome.ABORTED;
    }
    repeat(producer::commitTransaction);
    return History.Outcome.COMMITTED;
  }

  private void send(int number, int count, int partition) {
    var told = load.history.told(name, new TopicPartition(Clients.TRANSACTIONS, partition));
    int sequence = told.next();
    var value = new Mark(name, sequence, number, count).toString();
    producer.send(
        new ProducerRecord<>(Clients.TRANSACTIONS, partition, null, value),
        (metadata, failure) -> {
          if (failure == null) {
            told.acknowledge(sequence, metadata.offset());
          } else {
            told.fail(sequence);
          }
        });
  }

  /** The client's calls about transactions may be, and must be, repeated after a time-out. */
  static void repeat(Runnable call) {
    while (true) {
      try {
        call.run();
        return;
      } catch (TimeoutException again) {
        System.err.println("again: " + again);
      }
    }
  }
}
