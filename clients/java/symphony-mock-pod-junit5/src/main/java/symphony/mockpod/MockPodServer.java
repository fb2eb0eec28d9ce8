package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The process that pods live in: one that was started here, or one that ran already. */
public final class MockPodServer implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

  private final Control control;
  private final String host;
  private final int port;
  private final int mtlsPort;
  private final OwnFolder folder;
  private final PodProcess process;

  private MockPodServer(
      Control control, String host, int port, int mtlsPort, OwnFolder folder, PodProcess process) {
    this.control = control;
    this.host = host;
    this.port = port;
    this.mtlsPort = mtlsPort;
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts one on free ports of the loopback interface. It ends with {@link #close}, or with this JVM, however that ends.
   *
   * @param arguments further ones of {@code symphony-mock-pod serve}. Without {@code --seed} it is 1, so that chance is
   *     the same in every run.
   * @throws IllegalStateException if there is no program, or it did not start; with its log
   */
  public static MockPodServer start(String... arguments) {
    Path binary = Binary.find(System::getProperty, System::getenv);
    List<String> all = new ArrayList<>(List.of(arguments));
    if (all.stream().noneMatch(argument -> argument.equals("--seed") || argument.startsWith("--seed="))) {
      all.addAll(0, List.of("--seed", "1"));
    }
    OwnFolder folder = new OwnFolder();
    PodProcess process = null;
    try {
      process = PodProcess.start(binary, all, folder.path());
      JsonNode ready = process.ready(PATIENCE);
      Control control = new Control(URI.create("http://127.0.0.1:" + ready.get("controlPort").asInt()), null);
      return new MockPodServer(
          control, "localhost", ready.get("port").asInt(), ready.get("mtlsPort").asInt(), folder, process);
    } catch (IOException | RuntimeException failure) {
      if (process != null) {
        process.close();
      }
      folder.close();
      throw failure instanceof RuntimeException known ? known : new IllegalStateException(binary.toString(), failure);
    }
  }

  /** {@link #attach(URI, String, int, int, String)} for one without a control token. */
  public static MockPodServer attach(URI control, String host, int port, int mtlsPort) {
    return attach(control, host, port, mtlsPort, null);
  }

  /**
   * Uses one that runs already, such as a container; waits until it is ready.
   *
   * @param control its control port, such as {@code http://localhost:8080}
   * @param host as seen from here; its certificate is for {@code localhost} and what it was started with as {@code --dns}
   * @param port of TLS, as seen from here
   * @param mtlsPort of TLS with a client certificate demanded, as seen from here
   * @param token what it was started with as {@code --control-token}; null without one
   */
  public static MockPodServer attach(URI control, String host, int port, int mtlsPort, String token) {
    Control attached = new Control(control, token);
    awaitReady(attached);
    return new MockPodServer(attached, host, port, mtlsPort, new OwnFolder(), null);
  }

  /** The host that SDKs are to call. */
  public String host() {
    return host;
  }

  /** TLS, with a client certificate if the client likes. */
  public int port() {
    return port;
  }

  /** TLS, with a client certificate demanded in the handshake. */
  public int mtlsPort() {
    return mtlsPort;
  }

  /** The control port, whose pod is the main one. */
  public Control control() {
    return control;
  }

  /** The pod without a name, which is there from the start. */
  public MockPod main() {
    return new MockPod(this, control, null, folderOf("main"));
  }

  /** A new pod with a name that nobody else has. */
  public MockPod pod() {
    return pod(UUID.randomUUID().toString());
  }

  /**
   * A new pod, which begins as the server's seed says. Its chance hangs on the server's seed and its name: the same
   * faults strike the same calls in every run.
   */
  public MockPod pod(String name) {
    return make(control, name, null);
  }

  /** A new pod that begins as a document says, in YAML or JSON. */
  public MockPod pod(String name, String scenario) {
    return make(control, name, Map.of("scenario", scenario));
  }

  /** What the server logged; nothing where it was not started here. */
  public String log() {
    return process == null ? "" : process.log();
  }

  /** Whether others may use it at the same time. */
  boolean isShared() {
    return process == null;
  }

  /** @param of the pod whose side of the control port is asked: a snapshot is one of that pod's */
  MockPod make(Control of, String name, Map<String, ?> origin) {
    of.put("/_mock/pods/" + Control.quoted(name), origin);
    return new MockPod(this, control.ofPod(name), name, folderOf(name));
  }

  void drop(String name) {
    try {
      control.delete("/_mock/pods/" + Control.quoted(name));
    } catch (ControlException error) {
      if (error.status() != 404) {
        throw error;
      }
    }
  }

  /** Ends the server, if it was started here. */
  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
    folder.close();
  }

  private Path folderOf(String pod) {
    return folder.path().resolve("pods").resolve(pod);
  }

  private static void awaitReady(Control control) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        control.get("/readyz");
        return;
      } catch (ControlException notYet) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("no pod is ready at " + control + " within " + PATIENCE, notYet);
        }
      }
      // Somebody else starts it, and nothing says when: all one can do is ask again.
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_TRIES.toMillis());
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the pod at " + control, interruption);
      }
    }
  }

  @Override
  public String toString() {
    return "MockPodServer " + control;
  }
}
