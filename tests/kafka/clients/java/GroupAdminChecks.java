import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.UnknownMemberIdException;

/** Admin calls about groups and their offsets. */
final class GroupAdminChecks {
  private final Cluster cluster;

  GroupAdminChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  void run(Checks checks) {
    checks.check("admin-groups", () -> groups("classic", GroupType.CLASSIC));
    checks.check("admin-groups-consumer", () -> groups("consumer", GroupType.CONSUMER));
    checks.check("admin-group-missing", this::missing);
    checks.check("admin-alter-group-offsets", this::alterOffsets);
    checks.check("admin-delete-group-offsets", this::deleteOffsets);
  }

  private void groups(String protocol, GroupType type) throws Exception {
    var topic = cluster.newTopic(2);
    var group = cluster.newName("group");
    try (var admin = cluster.admin()) {
      try (var member = joined(group, topic, protocol)) {
        var listed = admin.listGroups().all().get().stream().filter(g -> g.groupId().equals(group)).toList();
        Checks.equal(1, listed.size(), "times listed");
        Checks.equal(type, listed.get(0).type().get(), "listed type");
        Checks.equal(GroupState.STABLE, listed.get(0).groupState().get(), "listed state");
        checkDescription(admin.describeConsumerGroups(List.of(group)).all().get().get(group), topic);
        Checks.fails(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of(group)).all().get());
        member.commitSync(Map.of(Cluster.first(topic), new OffsetAndMetadata(0)));
      }
      var state = admin.describeConsumerGroups(List.of(group)).all().get().get(group).groupState();
      Checks.equal(GroupState.EMPTY, state, "state after the member left");
      admin.deleteConsumerGroups(List.of(group)).all().get();
      Checks.require(
          admin.listGroups().all().get().stream().noneMatch(g -> g.groupId().equals(group)), "listed after it was deleted");
    }
  }

  private static void checkDescription(ConsumerGroupDescription description, String topic) {
    Checks.equal(GroupState.STABLE, description.groupState(), "state");
    Checks.equal(1, description.members().size(), "members");
    var member = description.members().iterator().next();
    var both = Set.of(Cluster.first(topic), new TopicPartition(topic, 1));
    Checks.equal(both, member.assignment().topicPartitions(), "assignment");
    Checks.equal("checks", member.clientId(), "client id");
    Checks.require(member.host().contains("127.0.0.1"), "host: " + member.host());
  }

  private void missing() throws Exception {
    try (var admin = cluster.admin()) {
      var group = cluster.newName("missing");
      Checks.fails(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of(group)).all().get());
      Checks.fails(GroupIdNotFoundException.class, () -> admin.describeConsumerGroups(List.of(group)).all().get());
    }
  }

  private void alterOffsets() throws Exception {
    var topic = cluster.newTopic(2);
    var group = cluster.newName("group");
    var partition = Cluster.first(topic);
    try (var admin = cluster.admin()) {
      var offset = new OffsetAndMetadata(5, "by hand");
      admin.alterConsumerGroupOffsets(group, Map.of(partition, offset)).all().get();
      var listed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      Checks.equal(Map.of(partition, offset), listed, "offsets");
      try (var member = joined(group, topic, "classic")) {
        // Offsets of a group with members are its members' affair.
        Checks.fails(
            UnknownMemberIdException.class,
            () -> admin.alterConsumerGroupOffsets(group, Map.of(partition, offset)).all().get());
        Checks.equal(2, member.assignment().size(), "partitions of the member");
      }
    }
  }

  private void deleteOffsets() throws Exception {
    var topic = cluster.newTopic(2);
    var group = cluster.newName("group");
    var partition = Cluster.first(topic);
    var other = new TopicPartition(topic, 1);
    try (var admin = cluster.admin()) {
      var offset = new OffsetAndMetadata(5);
      admin.alterConsumerGroupOffsets(group, Map.of(partition, offset, other, offset)).all().get();
      admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all().get();
      var listed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      Checks.equal(Map.of(other, offset), listed, "offsets");
      try (var member = joined(group, topic, "classic")) {
        Checks.fails(
            GroupSubscribedToTopicException.class,
            () -> admin.deleteConsumerGroupOffsets(group, Set.of(other)).all().get());
        Checks.equal(2, member.assignment().size(), "partitions of the member");
      }
    }
  }

  private KafkaConsumer<String, String> joined(String group, String topic, String protocol) {
    var consumer = cluster.consumer("group.id", group, "group.protocol", protocol, "client.id", "checks");
    consumer.subscribe(List.of(topic));
    while (consumer.assignment().size() < 2) {
      consumer.poll(Duration.ofMillis(50));
    }
    return consumer;
  }
}
