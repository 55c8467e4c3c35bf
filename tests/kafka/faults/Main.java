import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The clients of the fault test, and its judge. They reach the broker through a proxy of this program and
 * keep going whatever happens to it. scripts/kafka-faults.sh starts it, does the faults, and says over
 * standard input:
 *
 * <pre>
 * cut     cut about half of the connections
 * stop    end the load, wait until all has settled, and judge
 * </pre>
 *
 * It prints {@code ready} when all of the load is under way, and in the end a table; it ends with 1 when
 * something that must never be was.
 */
public final class Main {
  private static final long PATIENCE_S = 120;
  private static final int RECORDS_AT_FIRST = 50;

  private final Violations violations = new Violations(false);
  private final History history = new History();
  private final Clients clients;
  private final Proxy proxy;
  private final Load load;
  private final Commits commits = new Commits(violations);
  private final LiveReader committedReader;
  private final LiveReader uncommittedReader;
  private final Map<String, Coverage> coverages = new TreeMap<>();
  private final Path directory;

  private Main(int brokerPort, int proxyPort, Path directory) throws IOException {
    proxy = new Proxy(proxyPort, brokerPort);
    clients = new Clients(proxyPort);
    load = new Load(clients, history, violations);
    committedReader = new LiveReader(load, Clients.COMMITTED);
    uncommittedReader = new LiveReader(load, Clients.UNCOMMITTED);
    this.directory = directory;
  }

  /** Arguments: {@code BROKER_PORT PROXY_PORT DIRECTORY [--prove]}. */
  public static void main(String[] arguments) throws Exception {
    var main = new Main(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Path.of(arguments[2]));
    main.clients.createTopics();
    main.start();
    main.await("the load to get under way", main::isUnderWay);
    boolean isProved = true;
    if (main.violations.counts().isEmpty()) {
      System.out.println("ready");
      main.obey();
      isProved = main.judge(arguments.length > 3);
    }
    main.report();
    // Clients that are stuck would keep the program alive.
    System.exit(isProved && main.violations.counts().isEmpty() ? 0 : 1);
  }

  private void start() {
    load.follow("read committed", committedReader::run);
    load.follow("read uncommitted", uncommittedReader::run);
    for (var name : new String[] {"p1", "p2"}) {
      load.write(name, new PlainWriter(load, name)::run);
    }
    for (var name : new String[] {"t1", "t2"}) {
      load.write(name, new TransactionWriter(load, name)::run);
    }
    load.follow("copy 1", new Transformer(load, commits, "copy-1")::stay);
    load.follow("copy 2", new Transformer(load, commits, "copy-2")::comeAndGo);
    for (var group : new String[] {Watcher.CLASSIC, Watcher.CONSUMER}) {
      var coverage = coverages.computeIfAbsent(group, any -> new Coverage());
      load.follow(group + " 1", new Watcher(load, commits, group, coverage)::stay);
      load.follow(group + " 2", new Watcher(load, commits, group, coverage)::comeAndGo);
    }
    load.follow("streams", new Counter(load, directory.resolve("streams"))::run);
    load.follow("commits", () -> commits.watch(load));
  }

  private boolean isUnderWay() {
    boolean isWatched = coverages.values().stream().allMatch(coverage -> coverage.count() > RECORDS_AT_FIRST);
    return isWatched && Clients.TOPICS.stream().allMatch(topic -> committedReader.count(topic) > RECORDS_AT_FIRST);
  }

  /** Does what it is told until it is told to stop. */
  private void obey() throws Exception {
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var command = commands.readLine(); command != null && !command.equals("stop"); command = commands.readLine()) {
      if (command.equals("cut")) {
        proxy.cut();
      }
    }
  }

  /** Whether all damage was noticed, if that was asked for. */
  private boolean judge(boolean isToBeProved) throws Exception {
    load.stopWriting();
    await("every follower to have all", this::isSettled);
    load.stopFollowing();
    var committed = Log.read(clients, Clients.COMMITTED, violations);
    var uncommitted = Log.read(clients, Clients.UNCOMMITTED, violations);
    new Checker(history, committed, uncommitted, violations).check();
    Checker.checkLive(committedReader, committed, violations);
    Checker.checkLive(uncommittedReader, uncommitted, violations);
    coverages.forEach((group, coverage) -> Checker.checkCoverage(group, coverage, uncommitted, violations));
    return !isToBeProved || new Proof(history, committed, uncommitted).run() == 0;
  }

  /** No transaction is open, both readers are at the end, and who follows has followed. */
  private boolean isSettled() {
    int plain = uncommittedReader.count(Clients.PLAIN);
    return isAtEnd(committedReader)
        && isAtEnd(uncommittedReader)
        && coverages.values().stream().allMatch(coverage -> coverage.count() >= plain)
        && committedReader.count(Clients.COPIES) >= plain
        && committedReader.count(Clients.COUNTS) >= uncommittedReader.count(Clients.KEYED);
  }

  /** The very end: no transaction may hold readers for ever. */
  private boolean isAtEnd(LiveReader reader) {
    try (var consumer = clients.consumer("isolation.level", Clients.UNCOMMITTED)) {
      var ends = consumer.endOffsets(reader.traces().keySet());
      return reader.traces().entrySet().stream()
          .allMatch(entry -> entry.getValue().position() >= ends.get(entry.getKey()));
    }
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_S * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        violations.add("stuck", "waited in vain for " + what + ": " + counts());
        return;
      }
      Thread.sleep(100);
    }
  }

  private String counts() {
    var counts = new StringBuilder();
    for (var topic : Clients.TOPICS) {
      counts.append(topic + " " + committedReader.count(topic) + "/" + uncommittedReader.count(topic) + " ");
    }
    coverages.forEach((group, coverage) -> counts.append(group + " " + coverage.count() + " "));
    return counts.toString().strip();
  }

  private void report() {
    row("acknowledged records", history.acknowledged());
    history.outcomeCounts().forEach(
        (outcome, count) -> row("transactions " + outcome.toString().toLowerCase(java.util.Locale.ROOT), count));
    row("records copied exactly once", committedReader.count(Clients.COPIES));
    row("counts by Kafka Streams", committedReader.count(Clients.COUNTS));
    coverages.forEach((group, coverage) -> row("records read by " + group, coverage.count()));
    row("refusals that clients got over", load.refusals.get());
    violations.counts().forEach((kind, count) -> row("VIOLATION " + kind, count));
    row("violations", violations.counts().values().stream().mapToInt(Integer::intValue).sum());
  }

  private static void row(String what, long count) {
    System.out.printf("%-40s %10d%n", what, count);
  }
}
