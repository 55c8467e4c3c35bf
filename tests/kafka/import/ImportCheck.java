import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes topics of many kinds to a broker, and prints what a client sees of them. scripts/kafka-import.sh
 * lets it print before and after an import and compares. Arguments: {@code write BOOTSTRAP}, then
 * {@code print BOOTSTRAP}, and {@code use BOOTSTRAP} to go on with what was imported.
 */
public final class ImportCheck {
  private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
  private static final String TRANSACTIONS = "transactions";
  private static final String COMPACTED = "compacted";
  private static final String CUT = "cut";
  /** Ends in a transaction without an end, which the import aborts: only its committed records are compared. */
  private static final String OPEN = "open";
  private static final int PARTITIONS = 2;
  private static final int RECORDS = 300;

  private final String bootstrap;

  private ImportCheck(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  public static void main(String[] arguments) throws Exception {
    var check = new ImportCheck(arguments[1]);
    switch (arguments[0]) {
      case "write" -> check.write();
      case "print" -> check.print();
      case "use" -> check.use();
      default -> throw new IllegalArgumentException("unknown command " + arguments[0]);
    }
    // A producer that left its transaction open would abort it on its way out.
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private void write() throws Exception {
    try (var admin = admin()) {
      var topics = new ArrayList<NewTopic>();
      CODECS.forEach(codec -> topics.add(topic("codec-" + codec, Map.of("segment.bytes", "1048576"))));
      topics.add(topic(TRANSACTIONS, Map.of()));
      topics.add(topic(CUT, Map.of()));
      topics.add(topic(OPEN, Map.of()));
      topics.add(topic(COMPACTED, Map.of(
          "cleanup.policy", "compact", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "0")));
      admin.createTopics(topics).all().get();
      for (var codec : CODECS) {
        fill("codec-" + codec, codec);
      }
      writeTransactions(TRANSACTIONS, "writer", 40);
      writeTransactions(OPEN, "leaver", 5);
      leaveOpen();
      fill(CUT, "none");
      admin.deleteRecords(Map.of(new TopicPartition(CUT, 0), RecordsToDelete.beforeOffset(50))).all().get();
      compact();
    }
  }

  private static NewTopic topic(String name, Map<String, String> configuration) {
    var configs = new HashMap<>(configuration);
    configs.putIfAbsent("retention.ms", "-1");
    return new NewTopic(name, PARTITIONS, (short) 1).configs(configs);
  }

  /** Records with and without keys, values and headers. */
  private void fill(String topic, String codec) {
    try (var producer = producer("compression.type", codec)) {
      for (int i = 0; i < RECORDS; i++) {
        var value = i % 7 == 0 ? null : ("value " + i + " ").repeat(i % 20 + 1);
        var record = new ProducerRecord<>(topic, i % PARTITIONS, 1_000_000L + i, i % 3 == 0 ? null : "key " + i, value);
        if (i % 5 == 0) {
          record.headers().add("header", ("of " + i).getBytes(UTF_8)).add("empty", null);
        }
        producer.send(record);
        if (i % 40 == 0) {
          producer.flush();
        }
      }
    }
  }

  private void writeTransactions(String topic, String id, int count) {
    try (var one = transactional(id + "-1"); var other = transactional(id + "-2")) {
      for (int i = 0; i < count; i++) {
        one.beginTransaction();
        other.beginTransaction();
        for (int k = 0; k < 6; k++) {
          var producer = k % 2 == 0 ? one : other;
          producer.send(new ProducerRecord<>(topic, k % PARTITIONS, null, "transaction " + i + " record " + k));
        }
        end(one, i % 3 != 0);
        end(other, i % 4 != 0);
      }
    }
  }

  private static void end(KafkaProducer<String, String> producer, boolean isCommit) {
    if (isCommit) {
      producer.commitTransaction();
    } else {
      producer.abortTransaction();
    }
  }

  private void leaveOpen() throws Exception {
    var producer = transactional("never-ends");
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(OPEN, 0, null, "never committed")).get();
  }

  /** Writes the same keys again until the broker has compacted what came before. */
  private void compact() throws Exception {
    var partitions = partitions(COMPACTED);
    long deadline = System.nanoTime() + 60_000_000_000L;
    for (int round = 0; System.nanoTime() < deadline; round++) {
      try (var producer = producer()) {
        for (int i = 0; i < 40; i++) {
          var value = i % 10 == 9 ? null : "round " + round;
          producer.send(new ProducerRecord<>(COMPACTED, i % PARTITIONS, "key " + (round % 3) * i, value));
        }
      }
      var ends = ends(partitions, "read_uncommitted");
      long offsets = ends.values().stream().mapToLong(Long::longValue).sum();
      if (records(partitions, "read_uncommitted").size() < offsets / 2) {
        return;
      }
      Thread.sleep(200);
    }
    throw new IllegalStateException("the broker does not compact");
  }

  /** Everything that a client can see, in an order that does not depend on time. */
  private void print() {
    for (var codec : CODECS) {
      print("codec-" + codec);
    }
    print(TRANSACTIONS);
    print(COMPACTED);
    print(CUT);
    print(partitions(OPEN), "read_committed");
  }

  private void print(String topic) {
    var partitions = partitions(topic);
    for (var isolation : List.of("read_committed", "read_uncommitted")) {
      System.out.println(topic + " " + isolation + " ends " + byNumber(ends(partitions, isolation)));
      print(partitions, isolation);
    }
    try (var consumer = consumer("read_committed")) {
      System.out.println(topic + " begins " + byNumber(consumer.beginningOffsets(partitions)));
      var times = new HashMap<TopicPartition, Long>();
      partitions.forEach(partition -> times.put(partition, 1_000_100L));
      consumer.offsetsForTimes(times).forEach(
          (partition, found) -> System.out.println(topic + " at a time " + (found == null ? null : found.offset())));
    }
  }

  private void print(List<TopicPartition> partitions, String isolation) {
    records(partitions, isolation).forEach(record -> System.out.println(isolation + " " + text(record)));
  }

  private static List<TopicPartition> partitions(String topic) {
    return List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
  }

  private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
    var numbered = new TreeMap<Integer, Long>();
    offsets.forEach((partition, offset) -> numbered.put(partition.partition(), offset));
    return numbered;
  }

  /** New transactions and a group go on where the import ended. */
  private void use() {
    writeTransactions(TRANSACTIONS, "writer", 10);
    var partitions = partitions(TRANSACTIONS);
    try (var consumer = consumer("read_committed")) {
      consumer.subscribe(List.of(TRANSACTIONS));
      var ends = ends(partitions, "read_committed");
      var positions = new HashMap<TopicPartition, OffsetAndMetadata>();
      while (!partitions.stream().allMatch(p -> positions.containsKey(p) && positions.get(p).offset() >= ends.get(p))) {
        positions.putAll(consumer.poll(Duration.ofMillis(100)).nextOffsets());
        consumer.commitSync(positions);
      }
    }
    // A second member has to take up the first one's offsets, whose leader epochs it must understand.
    try (var consumer = consumer("read_committed"); var producer = producer()) {
      consumer.subscribe(List.of(TRANSACTIONS));
      producer.send(new ProducerRecord<>(TRANSACTIONS, 1, null, "the last one"));
      producer.flush();
      var last = consumer.poll(Duration.ofSeconds(20));
      while (last.isEmpty()) {
        last = consumer.poll(Duration.ofSeconds(20));
      }
      last.forEach(record -> System.out.println(record.value()));
    }
  }

  private static String text(ConsumerRecord<String, String> record) {
    var headers = new StringBuilder();
    record.headers().forEach(h -> headers.append(' ' + h.key() + '=' + (h.value() == null ? null : new String(h.value(), UTF_8))));
    return record.topic() + "-" + record.partition() + " " + record.offset() + " " + record.timestampType() + " "
        + record.timestamp() + " " + record.key() + " " + record.value() + headers;
  }

  private List<ConsumerRecord<String, String>> records(List<TopicPartition> partitions, String isolation) {
    var records = new ArrayList<ConsumerRecord<String, String>>();
    for (var partition : partitions) {
      try (var consumer = consumer(isolation)) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = ends(List.of(partition), isolation).get(partition);
        while (consumer.position(partition) < end) {
          consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
      }
    }
    return records;
  }

  private Map<TopicPartition, Long> ends(List<TopicPartition> partitions, String isolation) {
    try (var consumer = consumer(isolation)) {
      return consumer.endOffsets(partitions);
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  private KafkaConsumer<String, String> consumer(String isolation) {
    Map<String, Object> settings = Map.of(
        "bootstrap.servers", bootstrap, "group.id", "readers", "isolation.level", isolation, "auto.offset.reset", "earliest",
        "enable.auto.commit", false, "fetch.max.wait.ms", 50);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  private KafkaProducer<String, String> transactional(String id) {
    var producer = producer("transactional.id", id, "transaction.timeout.ms", "900000");
    producer.initTransactions();
    return producer;
  }

  private KafkaProducer<String, String> producer(String... pairs) {
    var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", bootstrap));
    var list = Arrays.asList(pairs);
    for (int i = 0; i < list.size(); i += 2) {
      settings.put(list.get(i), list.get(i + 1));
    }
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }
}
