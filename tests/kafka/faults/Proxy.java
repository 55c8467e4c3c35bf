import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Stands between the clients and the broker, so that connections can be cut while a request is under way. */
final class Proxy {
  private static final int CONNECT_MS_MAX = 1000;
  private static final int CHUNK_BYTES = 64 * 1024;

  private final int brokerPort;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  Proxy(int port, int brokerPort) throws IOException {
    this.brokerPort = brokerPort;
    listener = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    Threads.start("proxy", this::accept);
  }

  /**
   * Cuts about half of the connections. For a moment before, what the broker answers on them is lost: its
   * clients can't know what became of their requests.
   */
  void cut() throws InterruptedException {
    var random = ThreadLocalRandom.current();
    var chosen = links.stream().filter(link -> random.nextBoolean()).toList();
    chosen.forEach(link -> link.isDeaf = true);
    Thread.sleep(random.nextInt(60));
    chosen.forEach(Link::close);
  }

  private void accept() throws IOException {
    while (true) {
      var client = listener.accept();
      try {
        new Link(client).open();
      } catch (IOException refused) {
        // The broker is down: the client finds its connection closed and tries again.
        client.close();
      }
    }
  }

  /** One connection of a client and its connection to the broker. */
  private final class Link {
    private final Socket client;
    private final Socket broker = new Socket();
    private volatile boolean isDeaf;

    Link(Socket client) {
      this.client = client;
    }

    void open() throws IOException {
      broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), brokerPort), CONNECT_MS_MAX);
      client.setTcpNoDelay(true);
      broker.setTcpNoDelay(true);
      links.add(this);
      Threads.start("requests", () -> pump(client, broker));
      Threads.start("answers", () -> pump(broker, client));
    }

    private void pump(Socket from, Socket to) {
      var chunk = new byte[CHUNK_BYTES];
      try {
        var in = from.getInputStream();
        var out = to.getOutputStream();
        for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
          if (from == client || !isDeaf) {
            out.write(chunk, 0, length);
          }
        }
      } catch (IOException broken) {
        // Either end may go at any time.
      }
      close();
    }

    void close() {
      links.remove(this);
      for (var socket : new Socket[] {client, broker}) {
        try {
          socket.close();
        } catch (IOException gone) {
          // Then it is closed.
        }
      }
    }
  }
}
