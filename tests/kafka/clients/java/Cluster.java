import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The broker under check, seen by one run: clients with short time limits, and names that are new. */
final class Cluster {
  static final Duration POLL = Duration.ofMillis(100);
  private static final Map<String, Object> LIMITS = Map.of("request.timeout.ms", 8000, "default.api.timeout.ms", 10000, "retry.backoff.ms", 20);

  private final String bootstrap;
  private final String prefix;
  private final AtomicInteger names = new AtomicInteger();

  Cluster(String bootstrap, String prefix) {
    this.bootstrap = bootstrap;
    this.prefix = prefix;
  }

  /** A name that nobody has used. */
  String newName(String stem) {
    return prefix + "-" + stem + "-" + names.incrementAndGet();
  }

  Admin admin() {
    var settings = new HashMap<>(LIMITS);
    settings.put("bootstrap.servers", bootstrap);
    return Admin.create(settings);
  }

  /** A producer of texts; the settings are pairs of name and value. */
  KafkaProducer<String, String> producer(Object... pairs) {
    var settings = settings(pairs);
    settings.putIfAbsent("delivery.timeout.ms", 10000);
    settings.putIfAbsent("max.block.ms", 8000);
    settings.remove("default.api.timeout.ms");
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  /** A consumer of texts that starts at the earliest record; the settings are pairs of name and value. */
  KafkaConsumer<String, String> consumer(Object... pairs) {
    return consumer(settings(pairs));
  }

  /** The same with settings by their names. */
  KafkaConsumer<String, String> consumer(Map<String, Object> own) {
    var settings = settings();
    settings.putAll(own);
    settings.putIfAbsent("auto.offset.reset", "earliest");
    settings.putIfAbsent("enable.auto.commit", false);
    // Closing waits for the fetch that is under way.
    settings.putIfAbsent("fetch.max.wait.ms", 50);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  /** Creates a topic of a new name; the configuration is pairs of name and value. */
  String newTopic(int partitions, String... configuration) throws Exception {
    var config = new HashMap<String, String>();
    for (int i = 0; i < configuration.length; i += 2) {
      config.put(configuration[i], configuration[i + 1]);
    }
    var topic = newName("topic");
    try (var admin = admin()) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config))).all().get();
      awaitPartitions(admin, topic, partitions);
    }
    return topic;
  }

  /** Waits until the broker tells of as many partitions; it may learn of them a moment later. */
  static void awaitPartitions(Admin admin, String topic, int count) throws Exception {
    while (!hasPartitions(admin, topic, count)) {
      Thread.sleep(20);
    }
  }

  private static boolean hasPartitions(Admin admin, String topic, int count) throws Exception {
    try {
      return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == count;
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw failure;
    }
  }

  /** Creates a topic that keeps records however old their timestamps are. */
  String newTimedTopic(int partitions) throws Exception {
    return newTopic(partitions, "retention.ms", "-1");
  }

  /** Writes the values `0`, `1`, ... to partition 0 and waits until all are acknowledged. */
  void fill(String topic, int count) throws Exception {
    try (var producer = producer()) {
      for (int i = 0; i < count; i++) {
        producer.send(new ProducerRecord<>(topic, 0, null, Integer.toString(i)));
      }
      producer.flush();
    }
  }

  /** Every record of a topic that this isolation level shows now, partition by partition. */
  List<ConsumerRecord<String, String>> readAll(String topic, String isolation) {
    try (var consumer = consumer("isolation.level", isolation)) {
      var partitions = partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var records = new ArrayList<ConsumerRecord<String, String>>();
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        consumer.poll(POLL).forEach(records::add);
      }
      return records;
    }
  }

  /** The values of {@link #readAll}. */
  List<String> values(String topic, String isolation) {
    return readAll(topic, isolation).stream().map(ConsumerRecord::value).toList();
  }

  /**
   * Fails unless a topic of one partition comes to show these values at this isolation level. A transaction
   * is decided a moment before its readers learn of it.
   */
  void expect(String topic, String isolation, List<String> expected) throws InterruptedException {
    var values = values(topic, isolation);
    for (int tries = 0; tries < 50 && values.size() < expected.size(); tries++) {
      Thread.sleep(50);
      values = values(topic, isolation);
    }
    Checks.equal(expected, values, isolation + " values");
  }

  static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    return consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  /** Polls until as many records have come; the check's time limit ends a wait in vain. */
  static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
    var records = new ArrayList<ConsumerRecord<String, String>>();
    while (records.size() < count) {
      consumer.poll(POLL).forEach(records::add);
    }
    return records;
  }

  static TopicPartition first(String topic) {
    return new TopicPartition(topic, 0);
  }

  static Set<TopicPartition> both(Set<TopicPartition> one, Set<TopicPartition> other) {
    var union = new java.util.HashSet<>(one);
    union.addAll(other);
    return union;
  }

  private Map<String, Object> settings(Object... pairs) {
    var settings = new HashMap<>(LIMITS);
    settings.put("bootstrap.servers", bootstrap);
    for (int i = 0; i < pairs.length; i += 2) {
      settings.put((String) pairs[i], pairs[i + 1]);
    }
    return settings;
  }
}
