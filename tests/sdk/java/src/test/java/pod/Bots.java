package pod;

import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.core.config.exception.BdkConfigException;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.config.model.BdkRetryConfig;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Configurations as the owner of a bot or an app would write them. Tests change single settings of what they get. */
final class Bots {

  /** The bot {@code bot}, which logs in with its certificate. */
  static BdkConfig certificateBot(Pod pod) {
    return certificateBot(pod, "bot", pod.file("bot.p12"));
  }

  /** A bot that logs in with the certificate in a PKCS#12 file. */
  static BdkConfig certificateBot(Pod pod, String name, Path certificate) {
    return configuration(pod, """
        bot:
          username: %s
          certificate: {path: %s, password: %s}
        """.formatted(name, certificate, Pod.PASSWORD));
  }

  /** The bot {@code bot}, which logs in with a token signed by its key. */
  static BdkConfig rsaBot(Pod pod) {
    return rsaBot(pod, "bot", "bot");
  }

  /** A bot that logs in with a token signed by the key of {@code keyOf}. */
  static BdkConfig rsaBot(Pod pod, String name, String keyOf) {
    return configuration(pod, """
        bot:
          username: %s
          privateKey: {path: %s}
        """.formatted(name, pod.file(keyOf + "-rsa.pem")));
  }

  /** The app {@code app}, which logs in with its certificate. */
  static BdkConfig certificateApp(Pod pod) {
    return configuration(pod, """
        app:
          appId: app
          certificate: {path: %s, password: %s}
        """.formatted(pod.file("app.p12"), Pod.PASSWORD));
  }

  /** The bot {@code bot} and the app {@code app} in one, with their certificates. */
  static BdkConfig botWithApp(Pod pod) {
    BdkConfig config = certificateBot(pod);
    config.setApp(certificateApp(pod).getApp());
    return config;
  }

  /** The app {@code app}, which logs in with a token signed by its key. */
  static BdkConfig rsaApp(Pod pod) {
    return configuration(pod, """
        app:
          appId: app
          privateKey: {path: %s}
        """.formatted(pod.file("app-rsa.pem")));
  }

  /** As the loops of the BDK retry, without its waits of half a second and more. */
  static BdkRetryConfig retryForEver() {
    BdkRetryConfig retry = new BdkRetryConfig();
    retry.setMaxAttempts(-1);
    retry.setInitialIntervalMillis(10L);
    retry.setMultiplier(1.0);
    retry.setMaxIntervalMillis(10L);
    return retry;
  }

  /**
   * What all bots share, and {@code more} as YAML. Two attempts, ten milliseconds apart: the defaults are ten attempts
   * and minutes of waiting.
   */
  private static BdkConfig configuration(Pod pod, String more) {
    String yaml = """
        host: localhost
        port: %d
        ssl:
          trustStore: {path: %s, password: %s}
        retry: {maxAttempts: 2, initialIntervalMillis: 10, multiplier: 1, maxIntervalMillis: 10}
        """.formatted(pod.port(), pod.file("truststore.p12"), Pod.PASSWORD) + more;
    try {
      return BdkConfigLoader.loadFromInputStream(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)));
    } catch (BdkConfigException failure) {
      throw new IllegalArgumentException(yaml, failure);
    }
  }

  private Bots() {}
}
