package symphony.mockpod;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Gives tests a pod of their own, by parameters of the types {@link MockPod}, {@link Bot}, {@code BdkConfig} and
 * {@link MockPodServer}.
 *
 * <p>The pod of a test, and of its {@code @BeforeEach} and {@code @AfterEach}, goes with the test. One that the class asks
 * for, in {@code @BeforeAll} or with an instance for the whole class in its constructor, is that of all its tests.
 *
 * <p>All pods of a run live in one server: one that is started for it, or with the property {@value #URL} one that runs
 * already. Properties are those of the system or of {@code junit-platform.properties}.
 *
 * <p>When a test fails, the last requests to its pod are printed, and why the last refused one was.
 */
public final class MockPodExtension implements ParameterResolver, BeforeEachCallback, AfterEachCallback {

  /** The control port of a server that runs already, such as {@code http://localhost:8080}. */
  public static final String URL = "symphony.mock.pod.url";
  /** Its host as seen from the tests; by default {@code localhost}. */
  public static final String HOST = "symphony.mock.pod.host";
  /** Its TLS port as seen from the tests; by default 8443. */
  public static final String PORT = "symphony.mock.pod.port";
  /** Its port that demands client certificates, as seen from the tests; by default 8444. */
  public static final String MTLS_PORT = "symphony.mock.pod.mtls.port";
  /** The token that its control port wants; else what the environment says in {@code MOCK_POD_CONTROL_TOKEN}. */
  public static final String TOKEN = "symphony.mock.pod.token";
  /** Further arguments of {@code symphony-mock-pod serve}, with blanks between them. */
  public static final String ARGUMENTS = "symphony.mock.pod.args";

  private static final Namespace NAMESPACE = Namespace.create(MockPodExtension.class);
  private static final String BDK_CONFIG = "com.symphony.bdk.core.config.model.BdkConfig";
  private static final int SHOWN_REQUESTS = 20;
  private static final int LONGEST_NAME = 60;

  private final Function<ExtensionContext, MockPodServer> server;

  /** With the server of the run. */
  public MockPodExtension() {
    this.server = MockPodExtension::serverOfTheRun;
  }

  private MockPodExtension(Supplier<MockPodServer> server) {
    this.server = context -> closedWith(context.getRoot(), server, server::get);
  }

  /**
   * With a server of one's own, such as a container, for a static field with {@code @RegisterExtension}. It is asked for
   * when the first test wants a pod, and closed at the end of the run.
   */
  public static MockPodExtension with(Supplier<MockPodServer> server) {
    return new MockPodExtension(server);
  }

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == MockPod.class || type == Bot.class || type == MockPodServer.class
        || type.getName().equals(BDK_CONFIG);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == MockPodServer.class) {
      return server.apply(context);
    }
    MockPod pod = pod(context).pod();
    if (type == MockPod.class) {
      return pod;
    }
    Bot bot = pod.bot(parameter.findAnnotation(ForBot.class).map(ForBot::value).orElse("bot"));
    return type == Bot.class ? bot : bot.bdkConfig();
  }

  /** In a pod of the class a test begins where others have been. */
  @Override
  public void beforeEach(ExtensionContext context) {
    PodOfTests pod = known(context);
    if (pod != null) {
      context.getStore(NAMESPACE).put(Begin.class, Begin.now(pod.pod()));
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    PodOfTests pod = known(context);
    if (pod != null && context.getExecutionException().isPresent()) {
      Begin begin = context.getStore(NAMESPACE).getOrDefault(Begin.class, Begin.class, pod.begin());
      System.err.println(pod.report(context.getDisplayName(), begin));
    }
  }

  /** The last requests, of the pod and of the main one, before a test. */
  private record Begin(long request, long handshake) {

    static Begin now(MockPod pod) {
      return new Begin(lastId(pod), lastId(pod.server().main()));
    }

    private static long lastId(MockPod pod) {
      return pod.requests(RequestFilter.all().limit(1)).stream().mapToLong(Request::id).max().orElse(0);
    }
  }

  /** A pod that goes with a test, or with a class of them. */
  private record PodOfTests(MockPod pod, Begin begin) implements AutoCloseable {

    /** Never throws: the test failed for a reason of its own, which this must not hide. */
    String report(String test, Begin begin) {
      String title = "-------- symphony pod " + pod.name().orElse("main") + ", of " + test + " --------\n";
      try {
        String lines = pod.requests(RequestFilter.all().limit(SHOWN_REQUESTS)).stream()
            .filter(request -> request.id() > begin.request)
            .map(Request::line)
            .collect(Collectors.joining("\n"));
        String why = pod.why().map(last -> "\n\nthe last refusal:\n" + last).orElse("");
        String hints = pod.hints().stream().map(hint -> "\n\nhint: " + hint).collect(Collectors.joining());
        // Who does not get through the proxy or the handshake has not said yet which pod he wants.
        Requests outside = pod.server().main().requests(RequestFilter.all().refused(true));
        String handshakes = lines(outside, request -> request.isHandshake() && request.id() > begin.handshake);
        String tunnels = lines(outside, request -> request.isConnect() && request.id() > begin.handshake);
        String nothing = pod.hasBots() && handshakes.isEmpty() && tunnels.isEmpty()
            ? "no request came to this pod: is the context in the SDK's configuration?"
            : "no request came to this pod";
        return title + (lines.isEmpty() ? nothing : lines) + why + hints
            + (handshakes.isEmpty() ? "" : "\n\nTLS handshakes that failed on this server meanwhile:\n" + handshakes)
            + (tunnels.isEmpty() ? "" : "\n\nThe forward proxy of this server refused meanwhile:\n" + tunnels);
      } catch (RuntimeException error) {
        return title + "the journal cannot be read: " + error;
      }
    }

    private static String lines(Requests requests, Predicate<Request> wanted) {
      return requests.stream().filter(wanted).map(Request::line).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
      pod.close();
    }
  }

  /** What the store closes, in every release of JUnit 5. */
  private record Closing<T extends AutoCloseable>(T resource)
      implements Store.CloseableResource, AutoCloseable {

    @Override
    public void close() throws Exception {
      resource.close();
    }
  }

  /** The pod that a test or class has already, or null. */
  private static PodOfTests known(ExtensionContext context) {
    Closing<?> closing = context.getStore(NAMESPACE).get(PodOfTests.class, Closing.class);
    return closing == null ? null : (PodOfTests) closing.resource();
  }

  private PodOfTests pod(ExtensionContext context) {
    return closedWith(context, PodOfTests.class, () -> {
      MockPod pod = newPod(context);
      return new PodOfTests(pod, Begin.now(pod));
    });
  }

  private MockPod newPod(ExtensionContext context) {
    MockPodServer home = server.apply(context);
    String name = podName(context, home.isShared());
    Optional<String> scenario = scenario(context);
    return scenario.isPresent() ? home.pod(name, scenario.get()) : home.pod(name);
  }

  /** A store looks into those of its parents, so a class's pod is found from its tests. */
  @SuppressWarnings("unchecked")
  private static <T extends AutoCloseable> T closedWith(ExtensionContext context, Object key, Supplier<T> make) {
    Store store = context.getStore(NAMESPACE);
    return ((Closing<T>) store.getOrComputeIfAbsent(key, absent -> new Closing<>(make.get()), Closing.class)).resource();
  }

  private static MockPodServer serverOfTheRun(ExtensionContext context) {
    return closedWith(context.getRoot(), MockPodServer.class, () -> {
      Optional<String> url = context.getConfigurationParameter(URL);
      if (url.isEmpty()) {
        String arguments = context.getConfigurationParameter(ARGUMENTS).orElse("").strip();
        return MockPodServer.start(arguments.isEmpty() ? new String[0] : arguments.split("\\s+"));
      }
      return MockPodServer.attach(
          URI.create(url.get()),
          context.getConfigurationParameter(HOST).orElse("localhost"),
          context.getConfigurationParameter(PORT, Integer::valueOf).orElse(8443),
          context.getConfigurationParameter(MTLS_PORT, Integer::valueOf).orElse(8444),
          context.getConfigurationParameter(TOKEN).orElse(System.getenv("MOCK_POD_CONTROL_TOKEN")));
    });
  }

  /** The same in every run, for the chance of a pod hangs on its name; on a shared server nobody else's. */
  private static String podName(ExtensionContext context, boolean shared) {
    String test = context.getTestMethod().map(method -> method.getName())
        .orElseGet(() -> context.getRequiredTestClass().getSimpleName());
    String words = test.replaceAll("[^A-Za-z0-9_]+", "-");
    CRC32 id = new CRC32();
    id.update(context.getUniqueId().getBytes(StandardCharsets.UTF_8));
    String unique = shared ? UUID.randomUUID().toString() : String.format("%08x", id.getValue());
    return words.substring(0, Math.min(words.length(), LONGEST_NAME)) + "-" + unique;
  }

  private static Optional<String> scenario(ExtensionContext context) {
    Optional<ExtensionContext> here = Optional.of(context);
    while (here.isPresent()) {
      Optional<AnnotatedElement> element = here.get().getElement();
      Optional<Scenario> found = AnnotationSupport.findAnnotation(element, Scenario.class);
      if (found.isPresent()) {
        return Optional.of(document(found.get().value(), context.getRequiredTestClass()));
      }
      here = here.get().getParent();
    }
    return Optional.empty();
  }

  private static String document(String value, Class<?> test) {
    if (value.contains("\n") || value.strip().startsWith("{")) {
      return value;
    }
    try (InputStream resource = test.getResourceAsStream(value)) {
      if (resource != null) {
        return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      }
      Path file = Path.of(value);
      if (!Files.exists(file)) {
        throw new ExtensionConfigurationException(
            "@Scenario(\"" + value + "\"): there is neither such a resource of " + test.getName() + " nor the file "
                + file.toAbsolutePath());
      }
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
