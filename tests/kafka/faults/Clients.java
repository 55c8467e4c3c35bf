import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes clients that reach the broker through the proxy, and outlast every fault with patience. */
final class Clients {
  static final String COMMITTED = "read_committed";
  static final String UNCOMMITTED = "read_uncommitted";

  /** Written by idempotent producers; read by groups and by the transforming members. */
  static final String PLAIN = "plain";
  /** Written by idempotent producers; counted by Kafka Streams. */
  static final String KEYED = "keyed";
  /** Written in transactions, some of them aborted. */
  static final String TRANSACTIONS = "transactions";
  /** What the transforming members make of {@link #PLAIN}, partition by partition. */
  static final String COPIES = "copies";
  /** What Kafka Streams makes of {@link #KEYED}. */
  static final String COUNTS = "counts";

  static final List<String> TOPICS = List.of(PLAIN, KEYED, TRANSACTIONS, COPIES, COUNTS);
  static final int PARTITIONS = 3;
  /** Longer than any fault lasts: a request that is out meanwhile is answered late, not repeated. */
  static final int REQUEST_MS_MAX = 8_000;

  private final String bootstrap;

  Clients(int port) {
    bootstrap = "127.0.0.1:" + port;
  }

  /** What all clients have in common. */
  Map<String, Object> settings(Object... pairs) {
    var settings = new HashMap<String, Object>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("reconnect.backoff.ms", 20);
    settings.put("reconnect.backoff.max.ms", 100);
    settings.put("retry.backoff.ms", 20);
    settings.put("retry.backoff.max.ms", 100);
    settings.put("request.timeout.ms", REQUEST_MS_MAX);
    for (int i = 0; i < pairs.length; i += 2) {
      settings.put((String) pairs[i], pairs[i + 1]);
    }
    return settings;
  }

  /** An idempotent producer with several requests in flight; the settings are pairs of name and value. */
  KafkaProducer<String, String> producer(Object... pairs) {
    var settings = settings("acks", "all", "linger.ms", 1, "batch.size", 2_000, "max.block.ms", 60_000);
    settings.put("max.in.flight.requests.per.connection", 5);
    settings.put("delivery.timeout.ms", 120_000);
    settings.putAll(settings(pairs));
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  /** A consumer that starts at the earliest record and commits by hand; the settings are pairs. */
  KafkaConsumer<String, String> consumer(Object... pairs) {
    var settings = settings("enable.auto.commit", false, "auto.offset.reset", "earliest", "fetch.max.wait.ms", 100);
    settings.putAll(settings(pairs));
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  /** An administrator of the cluster. */
  Admin admin() {
    return Admin.create(settings("default.api.timeout.ms", 60_000));
  }

  /** Creates the topics of the test. */
  void createTopics() throws Exception {
    try (var admin = admin()) {
      var topics = TOPICS.stream().map(name -> new NewTopic(name, PARTITIONS, (short) 1)).toList();
      admin.createTopics(topics).all().get();
    }
  }
}
