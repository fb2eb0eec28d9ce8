package pod;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts one pod for the whole run and gives it to every test that has a {@link Pod} as a parameter. */
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
        .getOrComputeIfAbsent(PodOfTheRun.class, ignored -> PodOfTheRun.start(), PodOfTheRun.class)
        .pod;
  }

  /** The pod and its certificates, until JUnit closes them at the end of the run. */
  private record PodOfTheRun(Pod pod, Path home) implements AutoCloseable {

    /** {@code stranger} is a good certificate whose name no account has. */
    static PodOfTheRun start() {
      try {
        Path home = Files.createTempDirectory("mock-pod-certificates");
        Pod.makeCertificates(home, "--user", "bot", "--user", "stranger", "--app", "app");
        return new PodOfTheRun(Pod.start(home, "--certs", home.toString()), home);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    @Override
    public void close() throws InterruptedException, IOException {
      pod.close();
      try (var files = Files.walk(home)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
