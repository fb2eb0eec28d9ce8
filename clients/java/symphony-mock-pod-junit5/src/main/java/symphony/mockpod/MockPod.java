package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A pod: the whole of it that a test may act on and ask about.
 *
 * <p>A test gets one as a parameter, see {@link MockPodExtension}; elsewhere {@link MockPodServer} makes them.
 */
public final class MockPod implements AutoCloseable {

  private final MockPodServer server;
  private final Control control;
  private final String name;
  private final Path folder;
  private volatile boolean hasBots;

  MockPod(MockPodServer server, Control control, String name, Path folder) {
    this.server = server;
    this.control = control;
    this.name = name;
    this.folder = folder;
  }

  /**
   * The main pod of a server that runs already, such as a container; waits until it is ready. For the port that demands
   * client certificates, a control token, or several pods see {@link MockPodServer#attach}.
   *
   * @param control its control port, such as {@code http://localhost:8080}
   * @param host as seen from here
   * @param port of TLS, as seen from here
   */
  public static MockPod attach(URI control, String host, int port) {
    return MockPodServer.attach(control, host, port, 8444).main();
  }

  /** Where it lives. */
  public MockPodServer server() {
    return server;
  }

  /** Its control port, for what there is no verb for here. */
  public Control control() {
    return control;
  }

  /** Its name; the main pod has none. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  public String host() {
    return server.host();
  }

  /** TLS, with a client certificate if the client likes. */
  public int port() {
    return server.port();
  }

  /** TLS, with a client certificate demanded in the handshake. */
  public int mtlsPort() {
    return server.mtlsPort();
  }

  /** What stands in front of every path, as the SDKs' setting {@code context} wants it. */
  public String context() {
    return name == null ? "" : "/t/" + name;
  }

  /** Where SDKs find it. */
  public URI url() {
    return URI.create("https://" + host() + ":" + port() + context());
  }

  /** The same on the port that demands a client certificate. */
  public URI mtlsUrl() {
    return URI.create("https://" + host() + ":" + mtlsPort() + context());
  }

  /** All TLS ports: {@code main}, {@code mtls}, and those that the server was started with as {@code --listen}. */
  public List<Listener> listeners() {
    return StreamSupport.stream(control.get("/_mock/listeners").get("listeners").spliterator(), false)
        .map(Listener::of)
        .toList();
  }

  /**
   * The TLS port called so.
   *
   * @throws IllegalArgumentException if none is; it tells those that there are
   */
  public Listener listener(String name) {
    List<Listener> listeners = listeners();
    return listeners.stream().filter(listener -> listener.name().equals(name)).findFirst().orElseThrow(() -> {
      String known = listeners.stream().map(Listener::name).collect(Collectors.joining(", "));
      return new IllegalArgumentException("no listener is called " + name + "; there are " + known);
    });
  }

  /** Where a listener is reached, by its name. */
  public URI urlOf(String listener) {
    return URI.create("https://" + host() + ":" + listener(listener).port() + context());
  }

  /**
   * The server's forward proxy as the BDK's setting {@code proxy} wants it.
   *
   * @throws IllegalStateException if the server was started without {@code --proxy}
   */
  public Map<String, Object> proxy() {
    JsonNode proxy = control.get("/_mock/proxy").path("proxy");
    if (!proxy.isObject()) {
      throw new IllegalStateException("the server has no forward proxy: it is started with --proxy");
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("host", host());
    settings.put("port", proxy.get("port").asInt());
    for (String credential : List.of("username", "password")) {
      if (proxy.hasNonNull(credential)) {
        settings.put(credential, proxy.get(credential).textValue());
      }
    }
    return settings;
  }

  /** A PKCS#12 file with the authority to trust; its password is {@value Bot#PASSWORD}. */
  public Path trustStore() {
    return new PodFiles(control, folder).file("truststore.p12");
  }

  /** A service user, ready for an SDK. It logs in with its RSA key, unless told otherwise. */
  public Bot bot(String username) {
    hasBots = true;
    return new Bot(this, new PodFiles(control, folder), username);
  }

  /** Whether somebody was told where the pod is: only then is it strange that nobody came. */
  boolean hasBots() {
    return hasBots;
  }

  /** Somebody who acts as people do in their clients, on this pod or a foreign one. */
  public Person user(String username) {
    return new Person(control, username);
  }

  /**
   * Asserts that such a call came; nothing is asked before {@link Expectation#verify()}.
   *
   * @param operation a name that {@code GET /_mock/operations} lists, or a method and a path
   */
  public Expectation expect(String operation) {
    return new Expectation(control, operation);
  }

  /**
   * Waits until a bot reads its feed, and gives the feed's id: what is said before that, the bot never hears.
   *
   * @throws AssertionError if it does not within 5 seconds
   */
  public String listening(String bot) {
    return listening(bot, null, Duration.ofSeconds(5));
  }

  /**
   * Waits until a bot reads its feed.
   *
   * @param after the id of the feed that does not count, such as that before a recovery, or null
   * @throws AssertionError if it does not within this time, which is real
   */
  public String listening(String bot, String after, Duration within) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("user", bot);
    body.put("within", Clock.text(within));
    if (after != null) {
      body.put("after", after);
    }
    try {
      return control.call("POST", "/_mock/listening", body, within).get("feed").asText();
    } catch (ControlException error) {
      if (error.status() != 417) {
        throw error;
      }
      throw new AssertionError(error.body().path("message").asText());
    }
  }

  /** The clock that sessions, feeds and messages go by. */
  public Clock clock() {
    return new Clock(control);
  }

  /** What goes wrong because a test wants it to. */
  public Faults faults() {
    return new Faults(control);
  }

  /** What came to the pod and was answered, the oldest first. */
  public Requests requests() {
    return requests(RequestFilter.all());
  }

  /** What fits among it. */
  public Requests requests(RequestFilter filter) {
    return Requests.of(control.get("/_mock/requests" + filter.query()));
  }

  /** Empties the journal. */
  public void forgetRequests() {
    control.delete("/_mock/requests");
  }

  /** Why the last request that was refused was; empty where none was. */
  public Optional<Why> why() {
    try {
      return Optional.of(Why.of(control.get("/_mock/why")));
    } catch (ControlException error) {
      if (error.status() == 404) {
        return Optional.empty();
      }
      throw error;
    }
  }

  /** The decision about a request. */
  public Why why(Request request) {
    return Why.of(control.get("/_mock/requests/" + request.id() + "/why"));
  }

  /**
   * What a failing test should look at although nothing was refused: messages that were sent before a bot listened, a feed
   * whose deletion killed the bot.
   */
  public List<String> hints() {
    return StreamSupport.stream(control.get("/_mock/hints").get("hints").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  /** Takes a snapshot, to which {@link Snapshot#restore} goes back. */
  public Snapshot snapshot() {
    return new Snapshot(this, control.post("/_mock/snapshots", Map.of()).get("name").asText());
  }

  /** Takes a snapshot under a name. */
  public Snapshot snapshot(String name) {
    return new Snapshot(this, control.post("/_mock/snapshots", Map.of("name", name)).get("name").asText());
  }

  /** The snapshots that were taken. */
  public List<Snapshot> snapshots() {
    return StreamSupport.stream(control.get("/_mock/snapshots").get("snapshots").spliterator(), false)
        .map(row -> new Snapshot(this, row.get("name").asText()))
        .toList();
  }

  /** Goes back to a snapshot. */
  public void restore(Snapshot snapshot) {
    restore(snapshot.name());
  }

  /** Goes back to a snapshot. */
  public void restore(String snapshot) {
    control.post("/_mock/snapshots/" + Control.quoted(snapshot) + "/restore", null);
  }

  /** Ends all sessions of a user, as if their time were over. */
  public void endSessions(String user) {
    control.delete("/_mock/sessions/" + Control.quoted(user));
  }

  /** Ends a feed, by its id, as if its time were over. */
  public void loseFeed(String feed) {
    control.delete("/_mock/feeds/" + Control.quoted(feed));
  }

  /** Ends the connections to this pod on which nothing is under way, as load balancers do. Gives how many. */
  public int closeIdleConnections() {
    return control.post("/_mock/connections/close", null).get("closed").asInt();
  }

  /** Goes back to how the pod began. */
  public void reset() {
    control.post("/_mock/reset", null);
  }

  /** Another pod that begins as this one is now. */
  public MockPod fork(String name) {
    return server.make(control, name, Map.of("fork", name().orElse("main")));
  }

  /** The pod as it is now, as a document from which another could start. */
  public JsonNode scenario() {
    return control.get("/_mock/scenario");
  }

  /** Starts the pod anew from a document in YAML or JSON. */
  public void load(String scenario) {
    give("PUT", scenario);
  }

  /** Adds a document in YAML or JSON to the running pod. */
  public void merge(String scenario) {
    give("POST", scenario);
  }

  /** Lets a system other than the pod make something known in a stream. */
  public void systemEvent(String stream, String sourceSystem, String eventSubtype, Map<String, String> parameters) {
    control.post("/_mock/system-events", Map.of(
        "stream", stream, "sourceSystem", sourceSystem, "eventSubtype", eventSubtype, "parameters", parameters));
  }

  /**
   * Adds to the audit trail what somebody did by a role, in the administrators' portal for one. Gives the action's name.
   *
   * @param action in words: {@code Room Deactivated}
   * @param affected whose account it was done to, or null
   * @param details what else is told of it: {@code attribute}, {@code oldValue}, …
   */
  public String audit(String action, String initiator, String affected, Map<String, String> details) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("action", action);
    body.put("initiator", initiator);
    body.put("details", details);
    if (affected != null) {
      body.put("affected", affected);
    }
    return control.post("/_mock/audit", body).get("actionName").asText();
  }

  /**
   * An access token of a partner's of Community Connect, as Symphony's authorization server gives it. Whoever is no
   * partner yet becomes one.
   */
  public String partnerToken(String partner) {
    String path = "/_mock/partners/" + Control.quoted(partner) + "/token";
    return control.post(path, null).get("access_token").asText();
  }

  /** Says what a search by meaning finds instead of what shares words with its text, the most fitting first. */
  public void planSemanticSearch(String text, MessageRef... messages) {
    List<String> ids = Stream.of(messages).map(MessageRef::messageId).collect(Collectors.toList());
    control.post("/_mock/semantic-searches", Map.of("text", text, "messages", ids));
  }

  /** Lets searches by meaning rank messages again. */
  public void forgetSemanticSearches() {
    control.delete("/_mock/semantic-searches");
  }

  /** What the pod would tell the front end of an extension app about its user. */
  public String identityJwt(String app, String user) {
    return control.post("/_mock/identity-jwt", Map.of("app", app, "user", user)).get("jwt").asText();
  }

  /** Ends the pod. The main pod stays. */
  @Override
  public void close() {
    if (name != null) {
      server.drop(name);
    }
  }

  /** JSON is YAML too. */
  private void give(String method, String scenario) {
    byte[] content = scenario.getBytes(StandardCharsets.UTF_8);
    control.exchange(method, "/_mock/scenario", content, "application/yaml", Duration.ZERO);
  }

  @Override
  public String toString() {
    return "MockPod " + url();
  }
}
