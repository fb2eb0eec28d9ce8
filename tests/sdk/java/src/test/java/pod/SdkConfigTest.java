package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.config.BdkConfigLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configuration that the pod makes for the SDK, read by the SDK as it is. */
@ExtendWith(PodExtension.class)
class SdkConfigTest {

  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({"certificate, /", "rsa, /", "certificate, /t/configured", "rsa, /t/configured"})
  void theCommandWritesWhatTheBdkReads(String login, String context, Pod pod) throws Exception {
    pod.makeConfiguration(folder, "--app", "app", "--login", login, "--context", context);

    var bdk = new Requests().start(BdkConfigLoader.loadFromFile(folder.resolve("java-bdk.yaml").toString()));
    assertThat(bdk.botInfo().getUsername()).isEqualTo("bot");
  }
}
