package symphony.mockpod;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** The certificates and keys of a pod, fetched when they are asked for. They open nothing but this pod. */
record PodFiles(Control control, Path folder) {

  Path file(String name) {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      byte[] content =
          control.exchange("GET", "/_mock/certs/" + Control.quoted(name), null, null, Duration.ZERO);
      write(path, content);
    }
    return path;
  }

  Path write(String name, byte[] content) {
    return write(folder.resolve(name), content);
  }

  /** Whole or not at all: tests may run at the same time. */
  private Path write(Path path, byte[] content) {
    try {
      Files.createDirectories(folder);
      Path draft = Files.createTempFile(folder, "draft", null);
      Files.write(draft, content);
      return Files.move(draft, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
