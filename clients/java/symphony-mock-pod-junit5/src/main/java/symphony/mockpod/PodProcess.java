package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server that was started here. */
final class PodProcess implements AutoCloseable {

  /**
   * Ends the pod when nobody holds the other end of the standard input any more. However the JVM ends, the operating
   * system closes that pipe; a shutdown hook would not outlive a kill. The shell lets go of its standard output, so that
   * the end of the pod is the end of the ready line's pipe. Last it removes the folder, which is its first argument.
   */
  private static final String SUPERVISOR =
      "folder=$1; shift; \"$@\" & pod=$!; exec >/dev/null; while read -r line; do :; done; kill \"$pod\"; wait \"$pod\"; "
          + "rm -rf \"$folder\"";

  private final Process process;
  private final Path log;

  private PodProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** @param folder where its log goes; it goes with the pod */
  static PodProcess start(Path binary, List<String> arguments, Path folder) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SUPERVISOR, "symphony-mock-pod", folder.toString()));
    command.addAll(List.of(binary.toString(), "serve", "--port", "0", "--mtls-port", "0", "--control-port", "0"));
    command.addAll(arguments);
    Path log = folder.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    // What the environment says is meant for a pod of somebody else's.
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MOCK_POD_"));
    return new PodProcess(builder.start(), log);
  }

  /** The ready line. */
  JsonNode ready(Duration timeout) {
    BufferedReader stdout = process.inputReader(StandardCharsets.UTF_8);
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread reader = new Thread(() -> {
      try {
        line.complete(stdout.readLine());
      } catch (IOException failure) {
        line.completeExceptionally(failure);
      }
    }, "symphony-mock-pod ready line");
    reader.setDaemon(true);
    reader.start();
    try {
      String ready = line.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (ready == null) {
        throw new IllegalStateException("the pod ended before it was ready\n" + log());
      }
      return Control.JSON.readTree(ready);
    } catch (TimeoutException late) {
      throw new IllegalStateException("the pod was not ready within " + timeout + "\n" + log(), late);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the pod started", interruption);
    } catch (ExecutionException | IOException failure) {
      throw new IllegalStateException("the pod did not say that it is ready\n" + log(), failure);
    }
  }

  String log() {
    try {
      return Files.readString(log).strip();
    } catch (IOException failure) {
      return "its log cannot be read: " + failure;
    }
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (process.waitFor(10, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException ended) {
      // Then there is nobody who would read it.
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
