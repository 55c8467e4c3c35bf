import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** What all parts of the load share, and the two moments of its end: no more writing; no more at all. */
final class Load {
  private static final int ABSENCE_MS_MAX = 1_500;

  final Clients clients;
  final History history;
  final Violations violations;
  /** Transactions after which a producer had to be made anew because the broker refused it. */
  final AtomicLong refusals = new AtomicLong();

  private final List<Thread> writers = new ArrayList<>();
  private final List<Thread> followers = new ArrayList<>();
  private volatile boolean isWriting = true;
  private volatile boolean isRunning = true;

  Load(Clients clients, History history, Violations violations) {
    this.clients = clients;
    this.history = history;
    this.violations = violations;
  }

  /** Whether the producers at the beginning of all go on. */
  boolean isWriting() {
    return isWriting;
  }

  /** Whether those go on who follow the producers. */
  boolean isRunning() {
    return isRunning;
  }

  /** Starts a thread of the producers. */
  void write(String name, Threads.Body body) {
    writers.add(start(name, body));
  }

  /** Starts a thread that follows what the producers write. */
  void follow(String name, Threads.Body body) {
    followers.add(start(name, body));
  }

  /** Plays a member again and again, for random times with absences between; it is told until when, as by nanoTime. */
  void comeAndGo(int presenceMsMax, LongConsumer member) throws InterruptedException {
    var random = ThreadLocalRandom.current();
    while (isRunning) {
      member.accept(System.nanoTime() + random.nextInt(presenceMsMax) * 1_000_000L);
      Thread.sleep(random.nextInt(ABSENCE_MS_MAX));
    }
  }

  void stopWriting() throws InterruptedException {
    isWriting = false;
    for (var thread : writers) {
      thread.join();
    }
  }

  void stopFollowing() throws InterruptedException {
    isRunning = false;
    for (var thread : followers) {
      thread.join(30_000);
      violations.require(!thread.isAlive(), "stuck", thread.getName() + " does not end");
    }
  }

  /** No client may fail for good, whatever happens to the broker. */
  private Thread start(String name, Threads.Body body) {
    return Threads.start(
        name,
        () -> {
          try {
            body.run();
          } catch (Exception | Error failure) {
            violations.add("failed client", name + ": " + failure);
            throw failure;
          }
        });
  }
}
