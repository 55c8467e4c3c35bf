import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/** An application whose consumers are restarted one by one with the other group protocol, under load. */
final class RollingChecks {
  private static final int PARTITIONS = 6;
  private static final int WORKERS = 3;
  private static final int PAUSE_MS = 2;
  /** Members of the newer protocol hear of changes with their heartbeats, every five seconds. */
  private static final long LIMIT_SECONDS = 120;

  private final Cluster cluster;

  RollingChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("group-rolled-between-protocols", LIMIT_SECONDS, () -> roll(RangeAssignor.class, false));
    checks.check(
        "group-rolled-between-protocols-cooperative", LIMIT_SECONDS, () -> roll(CooperativeStickyAssignor.class, false));
    checks.check("group-rolled-between-protocols-static", LIMIT_SECONDS, () -> roll(RangeAssignor.class, true));
  }

  /**
   * From classic to consumer and back: every record is worked on once, and no worker sees an error. A new worker
   * comes before the old one goes, unless both are the same static member.
   */
  private void roll(Class<? extends ConsumerPartitionAssignor> assignor, boolean isStatic) throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    var seen = new ConcurrentHashMap<String, Integer>();
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var load = new Load(topic, errors);
    Function<Integer, Map<String, Object>> classic = number -> classic(group, assignor, isStatic ? number : null);
    Function<Integer, Map<String, Object>> consumer = number -> consumer(group, isStatic ? number : null);
    var workers = new ArrayList<Worker>();
    try {
      for (int i = 0; i < WORKERS; i++) {
        workers.add(new Worker(topic, classic.apply(i), seen, errors));
      }
      await(() -> allWork(workers), errors);
      for (var settings : List.of(consumer, classic)) {
        for (int i = 0; i < WORKERS; i++) {
          var old = workers.get(i);
          if (isStatic) {
            old.end();
          }
          workers.set(i, new Worker(topic, settings.apply(i), seen, errors));
          old.end();
          await(() -> allWork(workers), errors);
        }
      }
      var written = load.end();
      await(() -> seen.size() == written, errors);
    } finally {
      load.end();
      for (var worker : workers) {
        worker.end();
      }
    }
    Checks.require(errors.isEmpty(), "errors: " + errors);
    var twice = seen.entrySet().stream().filter(entry -> entry.getValue() > 1).count();
    Checks.equal(0L, twice, "records that were worked on twice");
  }

  private static Map<String, Object> consumer(String group, Integer instance) {
    var settings = new HashMap<String, Object>(Map.of("group.id", group, "group.protocol", "consumer"));
    if (instance != null) {
      settings.put("group.instance.id", "worker-" + instance);
    }
    return settings;
  }

  private static Map<String, Object> classic(String group, Class<?> assignor, Integer instance) {
    var settings = consumer(group, instance);
    settings.put("group.protocol", "classic");
    settings.put("partition.assignment.strategy", assignor.getName());
    settings.put("heartbeat.interval.ms", 200);
    settings.put("session.timeout.ms", 6000);
    return settings;
  }

  private static boolean allWork(List<Worker> workers) {
    return workers.stream().mapToInt(worker -> worker.partitions).sum() == PARTITIONS
        && workers.stream().allMatch(worker -> worker.partitions > 0);
  }

  private static void await(BooleanSupplier condition, Queue<Throwable> errors) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Checks.require(errors.isEmpty(), "errors: " + errors);
      Thread.sleep(20);
    }
  }

  /** Writes numbered records until it is ended. */
  private final class Load {
    private final Thread thread;
    private volatile boolean isEnded;
    private volatile int written;

    Load(String topic, Queue<Throwable> errors) {
      thread = new Thread(() -> write(topic, errors));
      thread.setDaemon(true);
      thread.start();
    }

    private void write(String topic, Queue<Throwable> errors) {
      try (var producer = cluster.producer()) {
        while (!isEnded) {
          producer.send(new ProducerRecord<>(topic, written % PARTITIONS, null, Integer.toString(written)));
          written++;
          Thread.sleep(PAUSE_MS);
        }
      } catch (Exception failure) {
        errors.add(failure);
      }
    }

    /** Returns how many records were written. */
    int end() throws InterruptedException {
      isEnded = true;
      thread.join();
      return written;
    }
  }

  /** Reads records, counts them, and commits what it has read. */
  private final class Worker {
    private final Thread thread;
    private volatile boolean isEnded;
    private boolean mustCommit;
    volatile int partitions;

    Worker(String topic, Map<String, Object> settings, Map<String, Integer> seen, Queue<Throwable> errors) {
      thread = new Thread(() -> work(topic, settings, seen, errors));
      thread.setDaemon(true);
      thread.start();
    }

    private void work(String topic, Map<String, Object> settings, Map<String, Integer> seen, Queue<Throwable> errors) {
      try (var consumer = cluster.consumer(settings)) {
        consumer.subscribe(List.of(topic), new Watcher(consumer, errors));
        while (!isEnded) {
          var records = consumer.poll(Cluster.POLL);
          records.forEach(record -> seen.merge(record.value(), 1, Integer::sum));
          mustCommit |= !records.isEmpty();
          commit(consumer);
        }
      } catch (Exception failure) {
        errors.add(failure);
      }
      partitions = 0;
    }

    /** While a rebalance is under way, that waits until it is over or asks for partitions. */
    private void commit(KafkaConsumer<?, ?> consumer) {
      if (!mustCommit) {
        return;
      }
      try {
        consumer.commitSync();
        mustCommit = false;
      } catch (RebalanceInProgressException later) {
        // The next poll goes on with the rebalance.
      }
    }

    void end() throws InterruptedException {
      isEnded = true;
      thread.join();
    }

    /** Keeps count of the worker's partitions; to lose one without being asked is an error. */
    private final class Watcher implements ConsumerRebalanceListener {
      private final KafkaConsumer<?, ?> consumer;
      private final Queue<Throwable> errors;

      Watcher(KafkaConsumer<?, ?> consumer, Queue<Throwable> errors) {
        this.consumer = consumer;
        this.errors = errors;
      }

      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> added) {
        partitions = consumer.assignment().size();
      }

      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> taken) {
        commit(consumer);
        partitions = consumer.assignment().size() - taken.size();
      }

      @Override
      public void onPartitionsLost(Collection<TopicPartition> lost) {
        errors.add(new IllegalStateException("lost " + lost));
        partitions = 0;
      }
    }
  }
}
