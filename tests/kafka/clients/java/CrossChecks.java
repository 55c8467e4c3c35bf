import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What one client writes, all others read equal. Each client writes one topic, `RUN-cross-CLIENT`. */
final class CrossChecks {
  private final Cluster cluster;
  private final String run;

  CrossChecks(String bootstrap, String run) {
    this.cluster = new Cluster(bootstrap, run);
    this.run = run;
  }

  void write() throws Exception {
    var expected = Expected.load();
    var topic = topic("java");
    try (var admin = cluster.admin()) {
      var keepAll = Map.of("retention.ms", "-1");
      admin.createTopics(List.of(new NewTopic(topic, expected.partitions(), (short) 1).configs(keepAll))).all().get();
    }
    for (var record : expected.records()) {
      try (var producer = cluster.producer("compression.type", record.compression())) {
        var sent = new ProducerRecord<>(topic, null, record.timestamp(), record.key(), record.value());
        record.headers().forEach(h -> sent.headers().add(h[0], h[1].getBytes(UTF_8)));
        producer.send(sent).get();
      }
    }
  }

  void read(String writer) throws Exception {
    var expected = Expected.load();
    Map<String, ConsumerRecord<String, String>> byValue = new HashMap<>();
    cluster.readAll(topic(writer), "read_committed").forEach(record -> byValue.put(record.value(), record));
    Checks.equal(expected.records().size(), byValue.size(), "records");
    for (var wanted : expected.records()) {
      var what = " of " + wanted.key() + " (" + wanted.compression() + ")";
      var record = byValue.get(wanted.value());
      Checks.require(record != null, "no record has the value" + what);
      Checks.equal(wanted.key(), record.key(), "key" + what);
      Checks.equal(wanted.partition(), record.partition(), "partition" + what);
      var headers = wanted.headers().stream().map(h -> h[0] + "=" + h[1]).toList();
      Checks.equal(headers, ProduceChecks.headers(record), "headers" + what);
      // kcat has no option for the timestamp.
      if (!writer.equals("kcat")) {
        Checks.equal(wanted.timestamp(), record.timestamp(), "timestamp" + what);
      }
    }
  }

  private String topic(String writer) {
    return run + "-cross-" + writer;
  }
}
