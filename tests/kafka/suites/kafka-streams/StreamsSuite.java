import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.streams.tests.SmokeTestDriver;

/**
 * What Kafka Streams' published test clients leave to their surroundings: empty topics before a test, and
 * a smoke test whose length can be chosen. run.sh calls it; it judges nothing itself.
 */
public final class StreamsSuite {
    private static final int PARTITIONS = 5;
    private static final int KEYS = 20;
    private static final int RECORDS_PER_KEY = 1000;
    private static final Duration TOPIC_PATIENCE = Duration.ofSeconds(30);

    private StreamsSuite() { }

    /** Arguments: {@code topics BOOTSTRAP APPLICATION NAME...}, or {@code smoke BOOTSTRAP SECONDS EXACTLY_ONCE}. */
    public static void main(final String[] arguments) throws Exception {
        final List<String> rest = Arrays.asList(arguments).subList(2, arguments.length);
        switch (arguments[0]) {
            case "topics" -> renew(arguments[1], rest.get(0), rest.subList(1, rest.size()));
            case "smoke" -> smoke(arguments[1], Integer.parseInt(rest.get(0)), Boolean.parseBoolean(rest.get(1)));
            default -> throw new IllegalArgumentException("unknown command " + arguments[0]);
        }
    }

    /**
     * Makes the topics anew and empty, and forgets what an earlier run of the application left: its internal
     * topics, its members, its positions.
     */
    private static void renew(final String bootstrap, final String application, final List<String> names)
            throws Exception {
        final Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        try (Admin admin = Admin.create(properties)) {
            forgetGroup(admin, application);
            final Set<String> gone = new HashSet<>(admin.listTopics().names().get());
            gone.removeIf(name -> !names.contains(name) && !name.startsWith(application + "-"));
            admin.deleteTopics(gone).all().get();
            for (final String name : names) {
                create(admin, name);
            }
        }
    }

    /** Members that were killed belong to the group until their session ends: they are removed. */
    private static void forgetGroup(final Admin admin, final String group) throws Exception {
        final boolean isKnown = admin.listGroups().all().get().stream().anyMatch(each -> each.groupId().equals(group));
        if (!isKnown) {
            return;
        }
        final boolean hasMembers =
            !admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().isEmpty();
        if (hasMembers) {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions()).all().get();
        }
        admin.deleteConsumerGroups(List.of(group)).all().get();
    }

    /** A deletion may still be under way in the broker: then creation is tried again. */
    private static void create(final Admin admin, final String name) throws Exception {
        final long deadline = System.nanoTime() + TOPIC_PATIENCE.toNanos();
        while (true) {
            try {
                admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1))).all().get();
                return;
            } catch (final ExecutionException failure) {
                if (!(failure.getCause() instanceof TopicExistsException) || System.nanoTime() > deadline) {
                    throw failure;
                }
                Thread.sleep(100);
            }
        }
    }

    /** Produces for the given time, then waits for and verifies what the clients made of it. */
    private static void smoke(final String bootstrap, final int seconds, final boolean exactlyOnce) {
        final Map<String, Set<Integer>> produced =
            SmokeTestDriver.generate(bootstrap, KEYS, RECORDS_PER_KEY, Duration.ofSeconds(seconds));
        final SmokeTestDriver.VerificationResult result =
            SmokeTestDriver.verify(bootstrap, produced, RECORDS_PER_KEY, exactlyOnce);
        System.out.println(result.result());
        System.exit(result.passed() ? 0 : 1);
    }
}
