package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts one pod for the whole run and gives it to every test that has a {@link Pod} as a parameter.
 *
 * <p>The binary makes the certificates itself, in two sets: {@code home}, which the pod trusts, and {@code foreign},
 * which it does not. {@code home} also holds {@code stranger}, a good certificate whose name no account has.
 */
public final class PodExtension implements ParameterResolver {

  private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(PodExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Pod.class;
  }

  @Override
  public Pod resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(RunningPod.class, ignored -> RunningPod.start(), RunningPod.class)
        .pod;
  }

  /** The process behind a {@link Pod}. JUnit closes it when the run is over. */
  private static final class RunningPod implements AutoCloseable {

    private static final String BINARY = System.getenv("MOCK_POD_BIN");

    private final Process process;
    private final Path certificates;
    private final Pod pod;

    private RunningPod(Process process, Path certificates, JsonNode ready) {
      this.process = process;
      this.certificates = certificates;
      this.pod = new Pod(
          ready.get("port").asInt(),
          ready.get("mtlsPort").asInt(),
          ready.get("controlPort").asInt(),
          certificates.resolve("home"),
          certificates.resolve("foreign"));
    }

    static RunningPod start() {
      try {
        Path certificates = Files.createTempDirectory("mock-pod-certificates");
        String home = certificates.resolve("home").toString();
        String foreign = certificates.resolve("foreign").toString();
        makeCertificates("--out", home, "--user", "bot", "--user", "stranger", "--app", "app");
        makeCertificates("--out", foreign, "--user", "bot", "--app", "app");

        Process process =
            command("serve", "--certs", home, "--port", "0", "--mtls-port", "0", "--control-port", "0").start();
        BufferedReader stdout =
            new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = stdout.readLine();
        assertThat(line).as("the ready line; without one the pod ended early, its reason stands on stderr").isNotNull();
        return new RunningPod(process, certificates, new ObjectMapper().readTree(line));
      } catch (IOException | InterruptedException failure) {
        throw new IllegalStateException("the pod did not start", failure);
      }
    }

    private static void makeCertificates(String... flags) throws IOException, InterruptedException {
      Process certs = command("certs", flags).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      assertThat(certs.waitFor()).as("exit status of certs").isZero();
    }

    /** The flags alone decide: what the caller has set for a pod of his own stays out of it. */
    private static ProcessBuilder command(String name, String... flags) {
      List<String> words = new ArrayList<>(List.of(BINARY, name));
      words.addAll(List.of(flags));
      ProcessBuilder command = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
      command.environment().keySet().removeIf(variable -> variable.startsWith("MOCK_POD_"));
      return command;
    }

    @Override
    public void close() throws InterruptedException, IOException {
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("the pod ends on SIGTERM").isTrue();
      assertThat(process.exitValue()).as("exit status of the pod").isZero();
      try (var files = Files.walk(certificates)) {
        files.sorted(Comparator.reverseOrder()).forEach(RunningPod::delete);
      }
    }

    private static void delete(Path file) {
      try {
        Files.delete(file);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
