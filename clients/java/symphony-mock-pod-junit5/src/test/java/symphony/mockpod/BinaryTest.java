package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinaryTest {

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
    assertThatThrownBy(() -> find(null, "", null)).hasMessageContaining("no symphony-mock-pod")
        .hasMessageContaining("cargo build --release");
  }

  private static Path find(String property, String variable, String path) {
    return Binary.find(
        name -> name.equals("symphony.mock.pod.bin") ? property : null,
        name -> name.equals("MOCK_POD_BIN") ? variable : name.equals("PATH") ? path : null);
  }
}
