package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A pod that runs from the binary under test, on free ports. */
final class Pod implements AutoCloseable {

  /** The password of every PKCS#12 file the binary writes. */
  static final String PASSWORD = "changeit";

  private static final String BINARY = System.getenv("MOCK_POD_BIN");

  private final Process process;
  private final JsonNode ready;
  private final Path home;

  private Pod(Process process, JsonNode ready, Path home) {
    this.process = process;
    this.ready = ready;
    this.home = home;
  }

  /** Starts a pod. {@code home} is the folder of its certificates. */
  static Pod start(Path home, String... flags) {
    try {
      Process process = run(
          Stream.concat(
              Stream.of("serve", "--port", "0", "--mtls-port", "0", "--control-port", "0"),
              Stream.of(flags)),
          ProcessBuilder.Redirect.PIPE);
      var stdout = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = stdout.readLine();
      assertThat(line).as("the ready line; without one the pod ended early, its reason stands on stderr").isNotNull();
      return new Pod(process, new ObjectMapper().readTree(line), home);
    } catch (IOException failure) {
      throw new IllegalStateException("the pod did not start", failure);
    }
  }

  /** Fills a folder with an authority and the identities that the flags name. */
  static Path makeCertificates(Path folder, String... flags) {
    try {
      Process certs = run(
          Stream.concat(Stream.of("certs", "--out", folder.toString()), Stream.of(flags)),
          ProcessBuilder.Redirect.DISCARD);
      assertThat(certs.waitFor()).as("exit status of certs").isZero();
      return folder;
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException("no certificates were made", failure);
    }
  }

  /** Fills a folder with what SDKs read to log {@code bot} in at this pod. */
  Path makeConfiguration(Path folder, String... flags) {
    var ofThePod = List.of("sdk-config", "--bot", "bot", "--out", folder.toString(), "--certs", home.toString(),
        "--port", String.valueOf(port()));
    try {
      Process made = run(Stream.concat(ofThePod.stream(), Stream.of(flags)), ProcessBuilder.Redirect.DISCARD);
      assertThat(made.waitFor()).as("exit status of sdk-config").isZero();
      return folder;
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException("no configuration was made", failure);
    }
  }

  /** The flags alone decide: what the caller has set for a pod of his own stays out of it. */
  private static Process run(Stream<String> words, ProcessBuilder.Redirect stdout) throws IOException {
    List<String> command = Stream.concat(Stream.of(BINARY), words).toList();
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectOutput(stdout)
        .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MOCK_POD_"));
    return builder.start();
  }

  int port() {
    return ready.get("port").asInt();
  }

  /** The port of a listener, by its name. */
  int port(String listener) {
    for (JsonNode known : ready.get("listeners")) {
      if (known.get("name").asText().equals(listener)) {
        return known.get("port").asInt();
      }
    }
    throw new IllegalArgumentException(listener);
  }

  int mtlsPort() {
    return ready.get("mtlsPort").asInt();
  }

  int controlPort() {
    return ready.get("controlPort").asInt();
  }

  /** Where its forward proxy is, which it was started with: {@code 127.0.0.1:3128}. */
  String proxy() {
    return ready.get("proxy").asText().substring("http://".length());
  }

  /** A file among the pod's certificates. */
  Path file(String name) {
    return home.resolve(name);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("the pod ends on SIGTERM").isTrue();
    assertThat(process.exitValue()).as("exit status of the pod").isZero();
  }
}
