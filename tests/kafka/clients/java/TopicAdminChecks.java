import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Admin calls about topics, their configuration and their records. */
final class TopicAdminChecks {
  private final Cluster cluster;

  TopicAdminChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("admin-topics", this::topics);
    checks.check("admin-topics-refused", this::topicsRefused);
    checks.check("admin-topics-by-id", this::topicsById);
    checks.check("admin-partitions", this::partitions);
    checks.check("admin-describe-configs", this::describeConfigs);
    checks.check("admin-incremental-configs", this::incrementalConfigs);
    checks.check("admin-configs-refused", this::configsRefused);
    checks.check("admin-delete-records", this::deleteRecords);
    checks.check("admin-list-offsets", this::listOffsets);
  }

  private void topics() throws Exception {
    var topic = cluster.newName("topic");
    try (var admin = cluster.admin()) {
      var options = new CreateTopicsOptions().validateOnly(true);
      admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1)), options).all().get();
      Checks.require(!admin.listTopics().names().get().contains(topic), "validateOnly created the topic");
      var created = admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1).configs(Map.of("retention.ms", "7000"))));
      Checks.equal(3, created.numPartitions(topic).get(), "answered partitions");
      Checks.equal("7000", created.config(topic).get().get("retention.ms").value(), "answered retention.ms");
      Checks.require(admin.listTopics().names().get().contains(topic), "not listed");
      var described = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      Checks.equal(3, described.partitions().size(), "partitions");
      for (var partition : described.partitions()) {
        Checks.equal(1, partition.replicas().size(), "replicas");
        Checks.equal(partition.replicas(), partition.isr(), "in-sync replicas");
        Checks.equal(partition.leader(), partition.replicas().get(0), "leader");
      }
      admin.deleteTopics(List.of(topic)).all().get();
      Checks.require(!admin.listTopics().names().get().contains(topic), "listed after it was deleted");
      Checks.fails(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of(topic)).all().get());
    }
  }

  private void topicsRefused() throws Exception {
    var topic = cluster.newTopic(1);
    try (var admin = cluster.admin()) {
      Checks.fails(TopicExistsException.class, () -> create(admin, new NewTopic(topic, 1, (short) 1)));
      var fresh = cluster.newName("topic");
      Checks.fails(InvalidReplicationFactorException.class, () -> create(admin, new NewTopic(fresh, 1, (short) 3)));
      Checks.fails(InvalidPartitionsException.class, () -> create(admin, new NewTopic(fresh, 0, (short) 1)));
      Checks.fails(InvalidTopicException.class, () -> create(admin, new NewTopic("no/slash", 1, (short) 1)));
      Checks.fails(InvalidTopicException.class, () -> create(admin, new NewTopic("x".repeat(250), 1, (short) 1)));
      Checks.fails(
          InvalidConfigurationException.class,
          () -> create(admin, new NewTopic(fresh, 1, (short) 1).configs(Map.of("retention.ms", "soon"))));
      Checks.fails(
          InvalidConfigurationException.class,
          () -> create(admin, new NewTopic(fresh, 1, (short) 1).configs(Map.of("no.such.name", "1"))));
    }
  }

  private static void create(Admin admin, NewTopic topic) throws Exception {
    admin.createTopics(List.of(topic)).all().get();
  }

  private void topicsById() throws Exception {
    var topic = cluster.newTopic(2);
    try (var admin = cluster.admin()) {
      var id = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
      var described = admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get();
      Checks.equal(topic, described.get(id).name(), "name of the id");
      admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
      create(admin, new NewTopic(topic, 2, (short) 1));
      Cluster.awaitPartitions(admin, topic, 2);
      var again = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
      Checks.require(!again.equals(id), "the id of a deleted topic was used again");
    }
  }

  private void partitions() throws Exception {
    var topic = cluster.newTopic(2);
    try (var admin = cluster.admin();
        var producer = cluster.producer()) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
      Cluster.awaitPartitions(admin, topic, 5);
      producer.send(new ProducerRecord<>(topic, 4, null, "in the new one")).get();
      Checks.equal(List.of("in the new one"), cluster.values(topic, "read_committed"), "values");
      Checks.fails(
          InvalidPartitionsException.class,
          () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get());
    }
  }

  private void describeConfigs() throws Exception {
    var topic = cluster.newTopic(1, "cleanup.policy", "compact", "retention.ms", "60000");
    try (var admin = cluster.admin()) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
      var config = admin.describeConfigs(List.of(resource), options).all().get().get(resource);
      expect(config, "cleanup.policy", "compact", ConfigSource.DYNAMIC_TOPIC_CONFIG);
      expect(config, "retention.ms", "60000", ConfigSource.DYNAMIC_TOPIC_CONFIG);
      expect(config, "segment.bytes", "1073741824", ConfigSource.DEFAULT_CONFIG);
      expect(config, "max.message.bytes", "1048588", ConfigSource.DEFAULT_CONFIG);
      expect(config, "message.timestamp.type", "CreateTime", ConfigSource.DEFAULT_CONFIG);
      Checks.equal("1", config.get("min.insync.replicas").value(), "min.insync.replicas");
      expect(config, "compression.type", "producer", ConfigSource.DEFAULT_CONFIG);
      var retention = config.get("retention.ms");
      Checks.equal(ConfigEntry.ConfigType.LONG, retention.type(), "type of retention.ms");
      Checks.require(!retention.isReadOnly() && !retention.isSensitive(), "retention.ms is read-only or sensitive");
      Checks.require(retention.documentation() != null, "retention.ms has no documentation");
      Checks.require(
          retention.synonyms().stream().anyMatch(synonym -> synonym.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG),
          "the synonyms of retention.ms lack the topic's own: " + retention.synonyms());
      Checks.fails(
          UnknownTopicOrPartitionException.class,
          () -> {
            var missing = new ConfigResource(ConfigResource.Type.TOPIC, cluster.newName("missing"));
            admin.describeConfigs(List.of(missing)).all().get();
          });
    }
  }

  private static void expect(Config config, String name, String value, ConfigSource source) {
    var entry = config.get(name);
    Checks.require(entry != null, name + " is not described");
    Checks.equal(value, entry.value(), name);
    Checks.equal(source, entry.source(), "source of " + name);
  }

  private void incrementalConfigs() throws Exception {
    var topic = cluster.newTopic(1, "retention.ms", "60000");
    try (var admin = cluster.admin()) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      alter(admin, resource, op("max.message.bytes", "2000", OpType.SET), op("cleanup.policy", "compact", OpType.APPEND));
      var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      Checks.equal("2000", config.get("max.message.bytes").value(), "max.message.bytes");
      Checks.equal("delete,compact", config.get("cleanup.policy").value(), "cleanup.policy");
      Checks.equal("60000", config.get("retention.ms").value(), "retention.ms");
      alter(admin, resource, op("retention.ms", null, OpType.DELETE), op("cleanup.policy", "delete", OpType.SUBTRACT));
      config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      Checks.equal("604800000", config.get("retention.ms").value(), "retention.ms after DELETE");
      Checks.equal("compact", config.get("cleanup.policy").value(), "cleanup.policy after SUBTRACT");
    }
  }

  private void configsRefused() throws Exception {
    var topic = cluster.newTopic(1);
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (var admin = cluster.admin()) {
      Checks.fails(
          InvalidConfigurationException.class, () -> alter(admin, resource, op("retention.ms", "soon", OpType.SET)));
      Checks.fails(
          InvalidConfigurationException.class, () -> alter(admin, resource, op("no.such.name", "1", OpType.SET)));
      Checks.fails(
          InvalidConfigurationException.class, () -> alter(admin, resource, op("cleanup.policy", "burn", OpType.SET)));
    }
  }

  private static AlterConfigOp op(String name, String value, OpType type) {
    return new AlterConfigOp(new ConfigEntry(name, value), type);
  }

  private static void alter(Admin admin, ConfigResource resource, AlterConfigOp... ops) throws Exception {
    Collection<AlterConfigOp> all = List.of(ops);
    admin.incrementalAlterConfigs(Map.of(resource, all)).all().get();
  }

  private void deleteRecords() throws Exception {
    var topic = cluster.newTopic(1);
    var partition = Cluster.first(topic);
    cluster.fill(topic, 10);
    try (var admin = cluster.admin()) {
      var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(6)));
      Checks.equal(6L, deleted.lowWatermarks().get(partition).get().lowWatermark(), "log start offset");
      Checks.equal(List.of("6", "7", "8", "9"), cluster.values(topic, "read_committed"), "values");
      Checks.fails(
          OffsetOutOfRangeException.class,
          () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11))).all().get());
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).all().get();
      Checks.equal(List.of(), cluster.values(topic, "read_committed"), "values after deleting all");
    }
  }

  private void listOffsets() throws Exception {
    var topic = cluster.newTimedTopic(1);
    var partition = Cluster.first(topic);
    try (var admin = cluster.admin();
        var producer = cluster.producer()) {
      for (long timestamp : new long[] {1000, 5000, 3000}) {
        producer.send(new ProducerRecord<>(topic, 0, timestamp, null, "value")).get();
      }
      Checks.equal(0L, offset(admin, partition, OffsetSpec.earliest()), "earliest");
      Checks.equal(3L, offset(admin, partition, OffsetSpec.latest()), "latest");
      Checks.equal(1L, offset(admin, partition, OffsetSpec.maxTimestamp()), "offset of the largest timestamp");
      Checks.equal(1L, offset(admin, partition, OffsetSpec.forTimestamp(2000)), "at or after 2000");
      Checks.equal(-1L, offset(admin, partition, OffsetSpec.forTimestamp(6000)), "at or after 6000");
    }
  }

  private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
    return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
  }
}
