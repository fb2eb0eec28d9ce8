package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How servers come and go, without the extension. */
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
  void aTokenIsShown() {
    try (MockPodServer server = MockPodServer.start("--control-token", "sesame")) {
      URI url = server.control().url();

      var open = MockPodServer.attach(url, "localhost", server.port(), server.mtlsPort(), "sesame");
      var shut = MockPodServer.attach(url, "localhost", server.port(), server.mtlsPort());

      assertThat(open.main().clock().isFrozen()).isFalse();
      assertThatThrownBy(() -> shut.main().clock().now())
          .isInstanceOfSatisfying(ControlException.class, error -> assertThat(error.status()).isEqualTo(401));
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
  void theServerEndsWithTheJvmHoweverThatEnds() throws IOException, InterruptedException {
    Process jvm = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp", System.getProperty("java.class.path"), Owner.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader stdout = jvm.inputReader(StandardCharsets.UTF_8);
    long pod = Long.parseLong(stdout.readLine());
    ProcessHandle server = ProcessHandle.of(pod).orElseThrow();

    jvm.destroyForcibly();

    jvm.waitFor();
    server.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    assertThat(server.isAlive()).isFalse();
  }

  /** Starts a server, says its process, and stays. */
  static final class Owner {

    public static void main(String[] arguments) throws InterruptedException {
      MockPodServer.start();
      ProcessHandle.current().descendants()
          .filter(process -> process.info().command().orElse("").endsWith("symphony-mock-pod"))
          .forEach(process -> System.out.println(process.pid()));
      Thread.currentThread().join();
    }
  }

  @Test
  void theProgramIsNamedOrOnThePath(@TempDir Path folder) throws IOException {
    Path program = Files.createFile(folder.resolve("symphony-mock-pod"));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path other = Files.createFile(folder.resolve("other"));
    assertThat(other.toFile().setExecutable(true)).isTrue();
    String path = "/nowhere::" + folder;

    assertThat(find(null, null, path)).isEqualTo(program);
    assertThat(find(null, other.toString(), path)).isEqualTo(other);
    assertThat(find(program.toString(), other.toString(), path)).isEqualTo(program);
    assertThatThrownBy(() -> find(null, folder.toString(), path)).hasMessageContaining("MOCK_POD_BIN is");
    assertThatThrownBy(() -> find("/nowhere", other.toString(), path)).hasMessageContaining("symphony.mock.pod.bin is");
    assertThatThrownBy(() -> find(null, "", null)).hasMessageContaining("no symphony-mock-pod");
  }

  private static Path find(String property, String variable, String path) {
    return Binary.find(
        name -> name.equals("symphony.mock.pod.bin") ? property : null,
        name -> name.equals("MOCK_POD_BIN") ? variable : name.equals("PATH") ? path : null);
  }
}
