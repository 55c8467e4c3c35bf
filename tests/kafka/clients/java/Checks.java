import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Runs named checks, a few at a time, and prints a line for each: `ok NAME` or `FAILED NAME: reason`. A check
 * mostly waits (for groups to settle, for time-outs), so some run beside each other; each has its own topics.
 */
final class Checks {
  /** A check that takes longer has failed: clients retry for minutes what a broker never answers. */
  private static final long LIMIT_SECONDS = 25;

  private static final int AT_A_TIME = 4;
  private static final int REASON_LENGTH_MAX = 300;

  private final Pattern wanted;
  private final ExecutorService runners = Executors.newFixedThreadPool(AT_A_TIME);
  private int passed;
  private int failed;

  /** What a check does; it fails by throwing. */
  interface Body {
    void run() throws Exception;
  }

  Checks(String wanted) {
    this.wanted = Pattern.compile(wanted);
  }

  /** Runs one check soon, unless its name is not wanted. */
  void check(String name, Body body) {
    check(name, LIMIT_SECONDS, body);
  }

  /** The same for a check that may take longer than others. */
  void check(String name, long limitSeconds, Body body) {
    if (wanted.matcher(name).find()) {
      runners.execute(() -> report(name, runLimited(limitSeconds, body)));
    }
  }

  /** Waits for all checks, prints the count and returns the exit code. */
  int finish() throws InterruptedException {
    runners.shutdown();
    runners.awaitTermination(10, TimeUnit.MINUTES);
    System.out.println(passed + " passed, " + failed + " failed");
    return failed == 0 ? 0 : 1;
  }

  /** Fails the running check unless the condition holds. */
  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }

  /** Fails the running check unless both are equal. */
  static void equal(Object expected, Object actual, String what) {
    require(expected.equals(actual), what + ": expected " + expected + ", got " + actual);
  }

  /** Fails the running check unless the body fails with this exception, bare or as a cause. */
  static void fails(Class<? extends Throwable> expected, Body body) throws Exception {
    try {
      body.run();
    } catch (Exception failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (expected.isInstance(cause)) {
          return;
        }
      }
      throw failure;
    }
    throw new AssertionError(expected.getSimpleName() + " was expected, but it went well");
  }

  private synchronized void report(String name, Throwable failure) {
    if (failure == null) {
      passed++;
      System.out.println("ok " + name);
    } else {
      failed++;
      System.out.println("FAILED " + name + ": " + reason(failure));
    }
  }

  /** Returns why the body failed, or null. It runs in a thread of its own, which is left behind when it hangs. */
  private static Throwable runLimited(long limitSeconds, Body body) {
    var task =
        new FutureTask<Void>(
            () -> {
              body.run();
              return null;
            });
    var thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    try {
      task.get(limitSeconds, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException wrapped) {
      return wrapped.getCause();
    } catch (TimeoutException late) {
      var at = place(thread.getStackTrace());
      thread.interrupt();
      return new AssertionError("not done after " + limitSeconds + " s, at " + at);
    } catch (InterruptedException interrupted) {
      return interrupted;
    }
  }

  /** The line of the checks that a hanging thread is at. */
  private static String place(StackTraceElement[] stack) {
    for (var frame : stack) {
      if (frame.getClassName().contains("Checks")) {
        return frame.getFileName() + ":" + frame.getLineNumber();
      }
    }
    return "an unknown place";
  }

  private static String reason(Throwable failure) {
    var innermost = failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
    var told = innermost instanceof AssertionError ? innermost.getMessage() : innermost.toString();
    var text = told.replaceAll("\\s+", " ");
    return text.length() > REASON_LENGTH_MAX ? text.substring(0, REASON_LENGTH_MAX) : text;
  }
}
