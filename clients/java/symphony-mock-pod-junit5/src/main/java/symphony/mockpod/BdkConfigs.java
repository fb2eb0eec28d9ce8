package symphony.mockpod;

import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.core.config.exception.BdkConfigException;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.nio.file.Path;

/** What needs the BDK, apart from {@link Bot}, which is of use without it. */
final class BdkConfigs {

  static BdkConfig load(Path file) {
    try {
      return BdkConfigLoader.loadFromFile(file.toString());
    } catch (BdkConfigException failure) {
      throw new IllegalArgumentException("the BDK does not take " + file, failure);
    }
  }

  private BdkConfigs() {}
}
