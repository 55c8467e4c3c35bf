/** Starts threads that do not keep the program alive. */
final class Threads {
  private Threads() {}

  /** What a thread does; it may fail. */
  interface Body {
    void run() throws Exception;
  }

  /** Starts a thread; its failure is printed. */
  static Thread start(String name, Body body) {
    var thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (Exception failure) {
                failure.printStackTrace();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
