package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.symphony.bdk.core.config.model.BdkConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The extension, in test runs of its own. */
@NeedsPod
class MockPodExtensionTest {

  private static final Map<String, Object> SEEN = new ConcurrentHashMap<>();

  /** The classes below are tests of the runs that are started here only. */
  static boolean inner() {
    return SEEN.containsKey("running");
  }

  @BeforeEach
  void begin() {
    SEEN.clear();
    SEEN.put("running", true);
  }

  @AfterEach
  void end() {
    SEEN.clear();
  }

  @SymphonyPod
  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  static class Apart {

    @BeforeEach
    void theTestHasOnePod(MockPod pod) {
      pod.clock().freeze();
    }

    @RepeatedTest(2)
    void aPodOfItsOwn(MockPod pod, MockPodServer server, Bot bot, BdkConfig config, @ForBot("bot2") BdkConfig other) {
      assertThat(pod.clock().isFrozen()).isTrue();
      assertThat(pod.snapshots()).isEmpty();
      pod.snapshot();
      assertThat(pod.server()).isSameAs(server);
      assertThat(bot.username()).isEqualTo("bot");
      assertThat(config.getContext()).isEqualTo(pod.context());
      assertThat(other.getBot().getUsername()).isEqualTo("bot2");
      SEEN.put(pod.name().orElseThrow(), server.port());
      SEEN.put("pods", pods(server));
      SEEN.put("server", server);
    }
  }

  @Test
  void everyTestHasAPodOfItsOwnOnOneServerThatEndsWithTheRun() {
    assertThat(run(Apart.class).testEvents().succeeded().count()).isEqualTo(2);
    Map<String, Object> first = Map.copyOf(SEEN);
    List<String> pods = first.keySet().stream().filter(key -> key.startsWith("aPodOfItsOwn-")).toList();

    assertThat(pods).hasSize(2);
    assertThat(first.get(pods.get(0))).isEqualTo(first.get(pods.get(1)));
    // When the second ran, the first was gone.
    assertThat((List<?>) first.get("pods")).filteredOn(pods::contains).hasSize(1);
    MockPodServer server = (MockPodServer) first.get("server");
    assertThatThrownBy(() -> server.control().get("/livez")).isInstanceOf(ControlException.class);

    begin();
    run(Apart.class);
    assertThat(SEEN.keySet()).as("the names are the same in every run").containsAll(pods);
  }

  @SymphonyPod
  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class Together {

    static MockPod shared;

    @BeforeAll
    static void open(MockPod pod) {
      shared = pod;
    }

    @Test
    void a(MockPod pod) {
      assertThat(pod.context()).isEqualTo(shared.context());
      Client.of(pod).get("/nowhere/a");
    }

    @Test
    void b(MockPod pod) {
      assertThat(pod.requests(RequestFilter.all().refused(true))).hasSize(1);
      Client.of(pod).get("/nowhere/b");
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void aClassMayShareAPod() {
    String printed = printed(() -> run(Together.class).testEvents()
        .assertStatistics(statistics -> statistics.succeeded(1).failed(1)));

    assertThat(printed).contains("/nowhere/b").doesNotContain("/nowhere/a");
  }

  @SymphonyPod
  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  static class Failing {

    @Test
    void fails(MockPod pod) {
      Client client = Client.of(pod);
      pod.clock().advance("15d");
      client.me();
      assertThatThrownBy(() -> new Client(pod, "nobody")).isInstanceOf(ControlException.class);
      throw new IllegalStateException("on purpose");
    }

    @Test
    void isNotCalled(MockPod pod) {
      throw new IllegalStateException("on purpose");
    }

    @Test
    void succeeds(MockPod pod) {
      Client.of(pod);
    }
  }

  @Test
  void aFailureComesWithTheJournalAndTheWhy() {
    String printed = printed(() -> run(Failing.class).testEvents()
        .assertStatistics(statistics -> statistics.succeeded(1).failed(2)));

    assertThat(printed)
        .contains("symphony pod fails-", "of fails(MockPod)")
        .contains("#1 200 POST /sessionauth/v1/authenticate (bot)")
        .contains("#2 401 GET /pod/v2/sessioninfo (bot): ")
        .contains("the last refusal:\n401 GET /pod/v2/sessioninfo (bot): ", "\n  NO  session: ")
        .contains("symphony pod isNotCalled-", "no request came to this pod")
        .doesNotContain("symphony pod succeeds-");
  }

  @SymphonyPod
  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  @Scenario("den.json")
  static class Scripted {

    @Test
    void aResource(MockPod pod) {
      pod.user("zoe").send("Den", "hello");
    }

    @Test
    @Scenario("{\"users\": [{\"username\": \"yan\"}], \"rooms\": [{\"name\": \"Attic\", \"owners\": [\"yan\"]}]}")
    void inline(MockPod pod) {
      pod.user("yan").send("Attic", "hello");
      assertThatThrownBy(() -> pod.user("zoe").send("Attic", "hello")).isInstanceOf(ControlException.class);
    }

    @Test
    @Scenario("src/test/resources/symphony/mockpod/den.json")
    void aFile(MockPod pod) {
      pod.user("zoe").send("Den", "hello");
    }

    @Nested
    class Deeper {

      @Test
      void thatOfTheClassAround(MockPod pod) {
        pod.user("zoe").send("Den", "hello");
      }
    }

    @Test
    @Scenario("""
        users: [{username: yan}]
        rooms: [{name: Attic, owners: [yan]}]
        """)
    void inYaml(MockPod pod) {
      pod.user("yan").send("Attic", "hello");
      assertThatThrownBy(() -> pod.user("zoe").send("Attic", "hello")).isInstanceOf(ControlException.class);
      pod.reset();
      pod.user("yan").send("Attic", "hello again");
    }

    @Test
    @Scenario("missing.json")
    void missing(MockPod pod) {
      SEEN.put("missing", pod);
    }

    @Test
    @Scenario("{\"users\": [{\"username\": \"\"}]}")
    void wrong(MockPod pod) {
      SEEN.put("wrong", pod);
    }
  }

  @Test
  void aTestBeginsWithItsScenario() {
    List<String> failures = new ArrayList<>();

    run(Scripted.class).testEvents().assertStatistics(statistics -> statistics.succeeded(5).failed(2)).failed().stream()
        .forEach(event -> failures.add(event.getPayload().orElseThrow().toString()));

    assertThat(SEEN).doesNotContainKeys("missing", "wrong");
    assertThat(failures).anyMatch(failure -> failure.contains("missing.json"))
        .anyMatch(failure -> failure.contains("scenario: "));
  }

  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  static class Attached {

    @RegisterExtension
    static final MockPodExtension PODS = MockPodExtension.with(() -> {
      MockPodServer home = (MockPodServer) SEEN.get("home");
      return MockPodServer.attach(home.control().url(), "localhost", home.port(), home.mtlsPort());
    });

    @Test
    void onTheServerThatRuns(MockPod pod, MockPodServer server) {
      assertThat(Client.of(pod).me()).isEqualTo(200);
      SEEN.put("port", server.port());
    }
  }

  @Test
  void aServerOfOnesOwnIsUsed() {
    try (MockPodServer home = MockPodServer.start()) {
      SEEN.put("home", home);

      assertThat(run(Attached.class).testEvents().succeeded().count()).isEqualTo(1);

      assertThat(SEEN.get("port")).isEqualTo(home.port());
      assertThat(pods(home)).as("its pod is gone").hasSize(1);
    }
  }

  @SymphonyPod
  @EnabledIf("symphony.mockpod.MockPodExtensionTest#inner")
  static class Configured {

    @Test
    void asTheParametersSay(MockPodServer server, MockPod pod) {
      SEEN.put("url", server.control().url());
      SEEN.put("mtls", server.mtlsPort());
      pod.clock().freeze();
    }
  }

  @Test
  void parametersNameAServerThatRuns() {
    try (MockPodServer home = MockPodServer.start("--control-token", "sesame")) {
      URI url = home.control().url();
      EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
          .configurationParameter(MockPodExtension.URL, url.toString())
          .configurationParameter(MockPodExtension.PORT, String.valueOf(home.port()))
          .configurationParameter(MockPodExtension.MTLS_PORT, String.valueOf(home.mtlsPort()))
          .configurationParameter(MockPodExtension.TOKEN, "sesame")
          .selectors(selectClass(Configured.class))
          .execute();

      assertThat(results.testEvents().succeeded().count()).isEqualTo(1);
      assertThat(SEEN).containsEntry("url", url).containsEntry("mtls", home.mtlsPort());
    }
  }

  private static EngineExecutionResults run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
  }

  private static List<String> pods(MockPodServer server) {
    List<String> names = new ArrayList<>();
    server.control().get("/_mock/pods").get("pods").forEach(pod -> names.add(pod.get("name").asText()));
    return names;
  }

  private static String printed(Runnable work) {
    PrintStream stderr = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setErr(stderr);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
