package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How servers come and go, without the extension. */
@NeedsPod
@Timeout(60)
class MockPodServerTest {

  @Test
  void aServerHasManyPods() {
    try (MockPodServer server = MockPodServer.start(); MockPod one = server.pod("one"); MockPod other = server.pod()) {
      one.clock().freeze();

      assertThat(other.clock().isFrozen()).isFalse();
      assertThat(server.main().name()).isEmpty();
      assertThat(one.url()).hasToString("https://localhost:" + server.port() + "/t/one");
      assertThat(one.mtlsUrl()).hasToString("https://localhost:" + server.mtlsPort() + "/t/one");
      assertThat(Client.of(one).me()).isEqualTo(200);
      one.close();
      one.close();
      assertThat(server.log()).contains("is ready");
    }
  }

  @Test
  void aPodThatRunsIsAttachedTo() {
    try (MockPodServer server = MockPodServer.start()) {
      MockPod pod = MockPod.attach(server.control().url(), "localhost", server.port());

      assertThat(Client.of(pod).me()).isEqualTo(200);
      pod.close();
      assertThat(Client.of(server.main()).me()).as("whoever attaches ends nothing").isEqualTo(200);
    }
  }

  @Test
  void aServerMayHaveAForwardProxy() throws IOException {
    try (MockPodServer without = MockPodServer.start();
        MockPodServer server = MockPodServer.start("--proxy", "127.0.0.1:0", "--proxy-user", "ada:lovelace")) {
      assertThatThrownBy(() -> without.main().bot("bot").withProxy()).hasMessageContaining("--proxy");
      Object proxy = server.main().bot("bot").withProxy().settings().get("proxy");
      assertThat(proxy).isEqualTo(server.main().proxy());
      assertThat(server.main().proxy()).containsEntry("username", "ada").containsEntry("password", "lovelace");

      int port = (int) server.main().proxy().get("port");
      try (Socket socket = new Socket("localhost", port)) {
        socket.getOutputStream().write("CONNECT my-pod.example:443 HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(reader.readLine()).startsWith("HTTP/1.1 407 ");
      }
      Request refused = server.main().requests(RequestFilter.all()).last();
      assertThat(refused.isConnect()).isTrue();
      assertThat(refused.tunnel()).contains("my-pod.example:443");
      assertThat(refused.why()).hasValueSatisfying(why -> assertThat(why).contains("demands credentials"));
    }
  }

  @Test
  void aServerMayHaveFurtherListeners() {
    try (MockPodServer server = MockPodServer.start("--listen", "agent,agent=second+mtls"); MockPod pod = server.pod("mine")) {
      assertThat(pod.listeners()).extracting(Listener::name).containsExactly("main", "mtls", "agent-1", "second");
      assertThat(pod.listener("main").port()).isEqualTo(server.port());
      assertThat(pod.listener("second").role()).isEqualTo("agent");
      assertThat(pod.listener("second").mtls()).isTrue();
      assertThatThrownBy(() -> pod.listener("third")).hasMessageContaining("main, mtls, agent-1, second");

      URI agent = pod.urlOf("agent-1");
      String info = "/agent/v1/info";
      Client client = Client.of(pod);
      assertThat(agent).hasToString("https://localhost:" + pod.listener("agent-1").port() + "/t/mine");
      assertThat(client.statusAt(agent, info)).isEqualTo(200);
      assertThat(pod.requests(RequestFilter.operation("agent_info_v1").listener("agent-1")))
          .singleElement().extracting(Request::listener).isEqualTo("agent-1");
      pod.expect("agent_info_v1").listener("agent-1").count(1).verify();
      pod.expect("agent_info_v1").listener("main").count(0).verify();
      try (Fault busy = pod.faults().inject(FaultPlan.pack("rate-limited").listener("agent-1"))) {
        assertThat(client.statusAt(agent, info)).isEqualTo(429);
        assertThat(client.get(info).statusCode()).isEqualTo(200);
      }
      for (FaultPlan keepsOut : List.of(FaultPlan.on().refuseConnections(), FaultPlan.on().endHandshakes())) {
        try (Fault outage = server.main().faults().inject(keepsOut.listener("agent-1"))) {
          assertThatThrownBy(() -> client.statusAt(agent, info)).hasCauseInstanceOf(IOException.class);
        }
      }
      assertThat(client.statusAt(agent, info)).isEqualTo(200);
    }
  }

  @Test
  void aTokenIsShown() {
    try (MockPodServer server = MockPodServer.start("--control-token", "sesame")) {
      URI url = server.control().url();

      try (var open = MockPodServer.attach(url, "localhost", server.port(), server.mtlsPort(), "sesame");
          var shut = MockPodServer.attach(url, "localhost", server.port(), server.mtlsPort())) {
        assertThat(open.main().clock().isFrozen()).isFalse();
        assertThatThrownBy(() -> shut.main().clock().now())
            .isInstanceOfSatisfying(ControlException.class, error -> assertThat(error.status()).isEqualTo(401));
      }
    }
  }

  @Test
  void whatThePodSaidWhenItDidNotStartIsTold() {
    assertThatThrownBy(() -> MockPodServer.start("--no-such-flag"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended before it was ready")
        .hasMessageContaining("--no-such-flag");
  }

  @Test
  void aUrlWithoutAHostIsRefused() {
    assertThatThrownBy(() -> MockPod.attach(URI.create("localhost:8080"), "localhost", 8443))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A JVM that is killed runs no shutdown hook. */
  @Test
  void theServerAndItsFilesGoWithTheJvmHoweverThatEnds(@TempDir Path temporary) throws IOException, InterruptedException {
    Process jvm = jvm(Owner.class, temporary);
    BufferedReader stdout = jvm.inputReader(StandardCharsets.UTF_8);
    ProcessHandle supervisor = process(stdout.readLine());
    ProcessHandle server = process(stdout.readLine());

    jvm.destroyForcibly();

    jvm.waitFor();
    server.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    supervisor.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    assertThat(server.isAlive()).isFalse();
    assertThat(temporary).isEmptyDirectory();
  }

  /** Starts a server, says the process that looks after it and its own, and stays. */
  static final class Owner {

    public static void main(String[] arguments) throws InterruptedException {
      MockPodServer.start().pod("log").trustStore();
      ProcessHandle supervisor = ProcessHandle.current().children().findFirst().orElseThrow();
      System.out.println(supervisor.pid());
      System.out.println(supervisor.children().findFirst().orElseThrow().pid());
      Thread.currentThread().join();
    }
  }

  @Test
  void whoeverClosesNothingLeavesNothing(@TempDir Path temporary) throws IOException, InterruptedException {
    Process jvm = jvm(Careless.class, temporary);

    assertThat(jvm.inputReader(StandardCharsets.UTF_8).readLine()).startsWith(temporary.toString());
    assertThat(jvm.waitFor()).isZero();
    assertThat(temporary).isEmptyDirectory();
  }

  /** Uses a server of its own and an attached one, and one that does not start, and ends. */
  static final class Careless {

    public static void main(String[] arguments) {
      MockPodServer server = MockPodServer.start();
      server.pod("one").trustStore();
      assertThatThrownBy(() -> MockPodServer.start("--no-such-flag")).hasMessageContaining("--no-such-flag");
      System.out.println(MockPod.attach(server.control().url(), "localhost", server.port()).trustStore());
    }
  }

  @Test
  void whateverWasClosedHasLeftNothing(@TempDir Path temporary) throws IOException, InterruptedException {
    Process jvm = jvm(Careful.class, temporary);

    assertThat(jvm.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("[]");
    assertThat(jvm.waitFor()).isZero();
  }

  /** Closes what it uses, and says what is left then. */
  static final class Careful {

    public static void main(String[] arguments) {
      try (MockPodServer server = MockPodServer.start()) {
        server.main().trustStore();
        URI url = server.control().url();
        try (MockPodServer attached = MockPodServer.attach(url, "localhost", server.port(), server.mtlsPort())) {
          attached.main().trustStore();
        }
      }
      System.out.println(List.of(new File(System.getProperty("java.io.tmpdir")).list()));
    }
  }

  /** @param temporary where temporary files of its go */
  private static Process jvm(Class<?> main, Path temporary) throws IOException {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Djava.io.tmpdir=" + temporary, "-cp", System.getProperty("java.class.path"), main.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static ProcessHandle process(String id) {
    return ProcessHandle.of(Long.parseLong(id)).orElseThrow();
  }
}
