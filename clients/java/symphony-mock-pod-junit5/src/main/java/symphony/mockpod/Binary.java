package symphony.mockpod;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the pod's program is. */
final class Binary {

  static final String PROPERTY = "symphony.mock.pod.bin";
  static final String VARIABLE = "MOCK_POD_BIN";

  private static final String NAME = "symphony-mock-pod";

  /**
   * What the system property names, else the environment variable, else the one on the {@code PATH}.
   *
   * @throws IllegalStateException if there is none, also where a setting names something that is no program: whoever
   *     sets it means it
   */
  static Path find(UnaryOperator<String> properties, UnaryOperator<String> environment) {
    String property = properties.apply(PROPERTY);
    if (property != null && !property.isBlank()) {
      return program(PROPERTY, property);
    }
    String variable = environment.apply(VARIABLE);
    if (variable != null && !variable.isBlank()) {
      return program(VARIABLE, variable);
    }
    String path = environment.apply("PATH");
    return Stream.of(path == null ? new String[0] : path.split(Pattern.quote(File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, NAME))
        .filter(Binary::isProgram)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(
            "no " + NAME + ": neither the system property " + PROPERTY + " nor the environment variable " + VARIABLE
                + " is set, and none is on the PATH. In a checkout of the pod, `cargo build --release` makes"
                + " target/release/" + NAME + ". symphony.mock.pod.url is the way to one that runs already."));
  }

  private static Path program(String setting, String named) {
    Path path = Path.of(named).toAbsolutePath();
    if (!isProgram(path)) {
      throw new IllegalStateException(setting + " is \"" + named + "\", which is no program");
    }
    return path;
  }

  private static boolean isProgram(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }

  private Binary() {}
}
