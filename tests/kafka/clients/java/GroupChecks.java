import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;

/** Consumer groups of every protocol, and their offsets. */
final class GroupChecks {
  private static final int PARTITIONS = 4;

  private final Cluster cluster;

  GroupChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("group-eager", () -> joinAndLeave("partition.assignment.strategy", RangeAssignor.class.getName()));
    checks.check("group-cooperative", this::cooperative);
    checks.check("group-static", () -> staticMember("classic"));
    checks.check("group-static-fenced", this::staticFenced);
    checks.check("group-session-timeout", this::sessionTimeout);
    checks.check("group-consumer-protocol", () -> joinAndLeave("group.protocol", "consumer"));
    checks.check("group-consumer-static", () -> staticMember("consumer"));
    checks.check("group-consumer-pattern", this::pattern);
    checks.check("group-resumes", () -> resumes("classic"));
    checks.check("group-consumer-resumes", () -> resumes("consumer"));
    checks.check("group-sees-new-partitions", this::newPartitions);
    checks.check("offsets-with-metadata", this::offsetsWithMetadata);
  }

  /** One member has all, two share, and the one that stays has all again. */
  private void joinAndLeave(Object... protocol) throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    try (var first = member(group, topic, protocol)) {
      pollUntil(() -> first.assignment().size() == PARTITIONS, first);
      try (var second = member(group, topic, protocol)) {
        pollUntil(() -> sharedEvenly(first, second), first, second);
        readEachOnce(topic, first, second);
      }
      pollUntil(() -> first.assignment().size() == PARTITIONS, first);
    }
  }

  /** The member that was there first keeps two partitions all the time. */
  private void cooperative() throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    var strategy = new Object[] {"partition.assignment.strategy", CooperativeStickyAssignor.class.getName()};
    var revoked = new ArrayList<TopicPartition>();
    var listener =
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked.addAll(partitions);
          }

          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
        };
    try (var first = member(group, topic, strategy);
        var second = member(group, topic, strategy)) {
      first.subscribe(List.of(topic), listener);
      pollUntil(() -> first.assignment().size() == PARTITIONS, first);
      pollUntil(() -> sharedEvenly(first, second), first, second);
      Checks.equal(2, revoked.size(), "partitions taken from the first member");
    }
  }

  /** A static member that comes back in time gets its partitions back, and nobody else is disturbed. */
  private void staticMember(String protocol) throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    var other = new Object[] {"group.protocol", protocol, "group.instance.id", "other"};
    var comesAndGoes = new Object[] {"group.protocol", protocol, "group.instance.id", "comes-and-goes"};
    try (var stays = member(group, topic, other)) {
      Set<TopicPartition> before;
      int generation;
      try (var member = member(group, topic, comesAndGoes)) {
        pollUntil(() -> sharedEvenly(stays, member), stays, member);
        before = Set.copyOf(member.assignment());
        generation = member.groupMetadata().generationId();
      }
      try (var member = member(group, topic, comesAndGoes)) {
        pollUntil(() -> member.assignment().size() == PARTITIONS / 2, stays, member);
        Checks.equal(before, member.assignment(), "partitions after coming back");
        Checks.equal(PARTITIONS / 2, stays.assignment().size(), "partitions of the other");
        Checks.equal(generation, member.groupMetadata().generationId(), "generation");
      }
    }
  }

  /** Of two members with one instance id, the older is told to stop. */
  private void staticFenced() throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    try (var old = member(group, topic, "group.instance.id", "same", "heartbeat.interval.ms", 300);
        var fresh = member(group, topic, "group.instance.id", "same")) {
      pollUntil(() -> old.assignment().size() == PARTITIONS, old);
      pollUntil(() -> fresh.assignment().size() == PARTITIONS, fresh);
      Checks.fails(FencedInstanceIdException.class, () -> pollUntil(() -> false, old));
    }
  }

  /** A member that falls silent loses its partitions. A static one does not leave by closing. */
  private void sessionTimeout() throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    var group = cluster.newName("group");
    try (var stays = member(group, topic)) {
      try (var silent = member(group, topic, "group.instance.id", "silent", "session.timeout.ms", 6000)) {
        pollUntil(() -> sharedEvenly(stays, silent), stays, silent);
      }
      pollUntil(() -> stays.assignment().size() == PARTITIONS, stays);
    }
  }

  /** The broker resolves a pattern of topic names (only the newer protocol). */
  private void pattern() throws Exception {
    var topic = cluster.newTopic(PARTITIONS);
    try (var consumer = cluster.consumer("group.id", cluster.newName("group"), "group.protocol", "consumer")) {
      consumer.subscribe(new SubscriptionPattern(topic.substring(0, topic.length() - 1) + ".*"));
      pollUntil(() -> consumer.assignment().contains(Cluster.first(topic)), consumer);
    }
  }

  private void resumes(String protocol) throws Exception {
    var topic = cluster.newTopic(1);
    var group = cluster.newName("group");
    cluster.fill(topic, 20);
    for (int start = 0; start < 20; start += 10) {
      try (var consumer = member(group, topic, "group.protocol", protocol, "max.poll.records", 10)) {
        var values = Cluster.poll(consumer, 10).stream().map(ConsumerRecord::value).toList();
        Checks.equal(ProduceChecks.numbers(20).subList(start, start + 10), values, "values");
        consumer.commitSync();
      }
    }
  }

  private void newPartitions() throws Exception {
    var topic = cluster.newTopic(1);
    try (var consumer = member(cluster.newName("group"), topic, "metadata.max.age.ms", 500);
        var admin = cluster.admin()) {
      pollUntil(() -> consumer.assignment().size() == 1, consumer);
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get();
      pollUntil(() -> consumer.assignment().size() == 3, consumer);
    }
  }

  private void offsetsWithMetadata() throws Exception {
    var topic = cluster.newTopic(3);
    var partition = Cluster.first(topic);
    var group = cluster.newName("group");
    var offset = new OffsetAndMetadata(7, Optional.of(0), "where I was: ✓");
    try (var consumer = cluster.consumer("group.id", group)) {
      consumer.assign(List.of(partition));
      consumer.commitSync(Map.of(partition, offset));
    }
    try (var consumer = cluster.consumer("group.id", group)) {
      var committed = consumer.committed(Set.of(partition, new TopicPartition(topic, 1)));
      Checks.equal(offset, committed.get(partition), "committed");
      Checks.require(committed.get(new TopicPartition(topic, 1)) == null, "an offset nobody committed");
    }
  }

  private KafkaConsumer<String, String> member(String group, String topic, Object... pairs) {
    var settings = new ArrayList<Object>(List.of(pairs));
    settings.addAll(List.of("group.id", group));
    var consumer = cluster.consumer(settings.toArray());
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  private static boolean sharedEvenly(KafkaConsumer<?, ?> one, KafkaConsumer<?, ?> other) {
    return one.assignment().size() == PARTITIONS / 2
        && other.assignment().size() == PARTITIONS / 2
        && Cluster.both(one.assignment(), other.assignment()).size() == PARTITIONS;
  }

  /** A record for each partition is read once, by one of both. */
  private void readEachOnce(String topic, KafkaConsumer<String, String> one, KafkaConsumer<String, String> other) {
    try (var producer = cluster.producer()) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        producer.send(new ProducerRecord<>(topic, partition, null, "value " + partition));
      }
      producer.flush();
    }
    var times = new HashMap<String, Integer>();
    for (var consumer : List.of(one, other)) {
      Cluster.poll(consumer, PARTITIONS / 2).forEach(record -> times.merge(record.value(), 1, Integer::sum));
    }
    Checks.equal(Map.of("value 0", 1, "value 1", 1, "value 2", 1, "value 3", 1), times, "times read");
  }

  /** Polls all members in turn until the condition holds; the check's time limit ends a wait in vain. */
  private static void pollUntil(BooleanSupplier condition, KafkaConsumer<?, ?>... members) {
    while (!condition.getAsBoolean()) {
      for (var member : members) {
        member.poll(Duration.ofMillis(50));
      }
    }
  }
}
