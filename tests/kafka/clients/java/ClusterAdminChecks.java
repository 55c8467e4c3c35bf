import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;

/** Admin calls about the broker, its producers and transactions, its users and quotas. */
final class ClusterAdminChecks {
  private final Cluster cluster;

  ClusterAdminChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("admin-cluster", this::describeCluster);
    checks.check("admin-broker-configs", this::brokerConfigs);
    checks.check("admin-features", this::features);
    checks.check("admin-log-dirs", this::logDirs);
    checks.check("admin-producers", this::producers);
    checks.check("admin-transactions", this::transactions);
    checks.check("admin-abort-transaction", this::abortTransaction);
    checks.check("admin-fence-producers", this::fenceProducers);
    checks.check("admin-acls-without-authorizer", this::acls);
    checks.check("admin-scram-credentials", this::scram);
    checks.check("admin-client-quotas", this::quotas);
  }

  private void describeCluster() throws Exception {
    try (var admin = cluster.admin()) {
      var described = admin.describeCluster();
      Checks.equal(1, described.nodes().get().size(), "nodes");
      Checks.equal(described.nodes().get().iterator().next(), described.controller().get(), "controller");
      Checks.require(!described.clusterId().get().isEmpty(), "the cluster has no id");
    }
  }

  private void brokerConfigs() throws Exception {
    try (var admin = cluster.admin()) {
      var node = admin.describeCluster().nodes().get().iterator().next().idString();
      var resource = new ConfigResource(ConfigResource.Type.BROKER, node);
      var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      for (var name : List.of("log.retention.ms", "num.partitions", "message.max.bytes", "auto.create.topics.enable")) {
        Checks.require(config.get(name) != null, name + " is not described");
      }
    }
  }

  private void features() throws Exception {
    try (var admin = cluster.admin()) {
      var features = admin.describeFeatures().featureMetadata().get().finalizedFeatures();
      // Clients take the newer transaction protocol (KIP-890) and group protocol (KIP-848) from these.
      Checks.require(features.containsKey("transaction.version"), "no transaction.version in " + features);
      Checks.require(features.containsKey("group.version"), "no group.version in " + features);
    }
  }

  private void logDirs() throws Exception {
    var topic = cluster.newTopic(2);
    cluster.fill(topic, 100);
    try (var admin = cluster.admin()) {
      var node = admin.describeCluster().nodes().get().iterator().next().id();
      var directories = admin.describeLogDirs(List.of(node)).allDescriptions().get().get(node).values();
      var replicas = directories.stream().map(d -> d.replicaInfos().get(Cluster.first(topic))).filter(r -> r != null).toList();
      Checks.equal(1, replicas.size(), "places of the partition");
      Checks.require(replicas.get(0).size() > 0, "the partition has no bytes");
    }
  }

  private void producers() throws Exception {
    var topic = cluster.newTopic(1);
    var partition = Cluster.first(topic);
    try (var admin = cluster.admin();
        var producer = open(cluster.newName("tx"), topic)) {
      var active = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
      Checks.equal(1, active.size(), "producers");
      var state = active.get(0);
      Checks.equal(0, state.lastSequence(), "last sequence");
      Checks.equal(0L, state.currentTransactionStartOffset().getAsLong(), "start of the transaction");
      producer.abortTransaction();
    }
  }

  private void transactions() throws Exception {
    var topic = cluster.newTopic(1);
    var id = cluster.newName("tx");
    try (var admin = cluster.admin()) {
      try (var producer = open(id, topic)) {
        var description = admin.describeTransactions(List.of(id)).description(id).get();
        Checks.equal(TransactionState.ONGOING, description.state(), "state");
        Checks.equal(Set.of(Cluster.first(topic)), description.topicPartitions(), "partitions");
        var options = new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
        var listed = admin.listTransactions(options).all().get();
        Checks.require(listed.stream().anyMatch(t -> t.transactionalId().equals(id)), "not listed as ongoing");
        producer.commitTransaction();
      }
      eventually(() -> admin.describeTransactions(List.of(id)).description(id).get().state() == TransactionState.COMPLETE_COMMIT ? id : null);
      var missing = cluster.newName("tx");
      Checks.fails(
          TransactionalIdNotFoundException.class,
          () -> admin.describeTransactions(List.of(missing)).description(missing).get());
    }
  }

  /** The way out when a transaction hangs whose coordinator is lost. */
  private void abortTransaction() throws Exception {
    var topic = cluster.newTopic(1);
    var partition = Cluster.first(topic);
    try (var admin = cluster.admin();
        var producer = open(cluster.newName("tx"), topic)) {
      var state = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers().get(0);
      var spec = new AbortTransactionSpec(partition, state.producerId(), (short) state.producerEpoch(), state.coordinatorEpoch().orElse(0));
      admin.abortTransaction(spec).all().get();
      cluster.expect(topic, "read_committed", List.of());
      Checks.require(producer.partitionsFor(topic).size() == 1, "the producer can't ask for metadata");
    }
  }

  private void fenceProducers() throws Exception {
    var topic = cluster.newTopic(1);
    var id = cluster.newName("tx");
    try (var admin = cluster.admin();
        var producer = open(id, topic)) {
      admin.fenceProducers(List.of(id)).all().get();
      Checks.fails(ApiException.class, producer::commitTransaction);
    }
    cluster.expect(topic, "read_committed", List.of());
  }

  private void acls() throws Exception {
    try (var admin = cluster.admin()) {
      Checks.fails(SecurityDisabledException.class, () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
    }
  }

  private void scram() throws Exception {
    var user = cluster.newName("user");
    try (var admin = cluster.admin()) {
      var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
      admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, info, "secret"))).all().get();
      Checks.equal(List.of(info), eventually(() -> admin.describeUserScramCredentials(List.of(user)).description(user).get().credentialInfos()), "credentials");
    }
  }

  private void quotas() throws Exception {
    var user = cluster.newName("user");
    try (var admin = cluster.admin()) {
      var entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, user));
      var rate = new ClientQuotaAlteration.Op("producer_byte_rate", 1_000_000.0);
      admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(rate)))).all().get();
      var filter = ClientQuotaFilter.containsOnly(List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, user)));
      var described = eventually(() -> admin.describeClientQuotas(filter).entities().get().get(entity));
      Checks.equal(Map.of("producer_byte_rate", 1_000_000.0), described, "quotas");
    }
  }

  /** What a broker answers once a change has reached all its parts; null and failures count as not yet. */
  private static <T> T eventually(Callable<T> ask) throws Exception {
    for (int tries = 0; ; tries++) {
      Checks.require(tries < 100, "the change is not seen");
      try {
        var answer = ask.call();
        if (answer != null) {
          return answer;
        }
      } catch (ExecutionException failure) {
        if (tries > 20) {
          throw failure;
        }
      }
      Thread.sleep(50);
    }
  }

  private KafkaProducer<String, String> open(String id, String topic) throws Exception {
    var producer = cluster.producer("transactional.id", id);
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, "value")).get();
    return producer;
  }
}
