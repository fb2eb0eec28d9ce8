package pod;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * The certificates that the pods of a run share: those of the users {@code bot} and {@code stranger} and of the app
 * {@code app}.
 */
record Home(Path folder) implements AutoCloseable {

  static Home make() {
    try {
      Path folder = Files.createTempDirectory("mock-pod-certificates");
      Pod.makeCertificates(folder, "--user", "bot", "--user", "stranger", "--app", "app");
      return new Home(folder);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Starts a pod with the seed of the binary. */
  Pod start() {
    return Pod.start(folder, "--certs", folder.toString());
  }

  /** Starts a pod that a document in YAML describes. */
  Pod start(String scenario) {
    try {
      Path file = Files.createTempFile("scenario", ".yaml");
      try {
        return Pod.start(folder, "--certs", folder.toString(), "--scenario", Files.writeString(file, scenario).toString());
      } finally {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
