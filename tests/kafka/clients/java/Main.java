/**
 * The checks of Apache Kafka's Java client.
 *
 * <p>Usage: Main BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...
 *
 * <p>RUN makes the names of topics and groups new, so that a broker can be checked again and again.
 */
final class Main {
  public static void main(String[] arguments) throws InterruptedException {
    var cluster = new Cluster(arguments[0], arguments[1] + "-java");
    var phase = arguments[2];
    var checks = new Checks(phase.equals("checks") && arguments.length > 3 ? arguments[3] : "");
    var cross = new CrossChecks(arguments[0], arguments[1]);
    switch (phase) {
      case "checks" -> runAll(checks, cluster);
      case "write" -> checks.check("cross-write", cross::write);
      case "read" -> {
        for (int i = 3; i < arguments.length; i++) {
          var writer = arguments[i];
          checks.check("cross-read-" + writer, () -> cross.read(writer));
        }
      }
      default -> throw new IllegalArgumentException("unknown phase " + phase);
    }
    // Clients of a check that ran out of time may still be running.
    System.exit(checks.finish());
  }

  private static void runAll(Checks checks, Cluster cluster) {
    // Groups wait the longest, so they begin.
    new RollingChecks(cluster).run(checks);
    new GroupChecks(cluster).run(checks);
    new ProduceChecks(cluster).run(checks);
    new ReadChecks(cluster).run(checks);
    new TransactionChecks(cluster).run(checks);
    new TopicAdminChecks(cluster).run(checks);
    new GroupAdminChecks(cluster).run(checks);
    new ClusterAdminChecks(cluster).run(checks);
  }
}
