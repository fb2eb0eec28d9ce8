package symphony.mockpod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A service user of the pod, ready to be handed to an SDK. Unchangeable: the {@code with…} give another. */
public final class Bot {

  /** The password of every PKCS#12 file. */
  public static final String PASSWORD = "changeit";

  private static final int FOR_EVER = -1;

  private final MockPod pod;
  private final PodFiles files;
  private final String username;
  private final boolean certificate;
  private final String app;
  private final Map<String, Object> more;

  Bot(MockPod pod, PodFiles files, String username) {
    this(pod, files, username, false, null, Map.of());
  }

  private Bot(
      MockPod pod, PodFiles files, String username, boolean certificate, String app, Map<String, Object> more) {
    this.pod = pod;
    this.files = files;
    this.username = username;
    this.certificate = certificate;
    this.app = app;
    this.more = more;
  }

  /** It logs in with its certificate. */
  public Bot withCertificate() {
    return new Bot(pod, files, username, true, app, more);
  }

  /** With an extension app configured beside it. */
  public Bot withApp(String appId) {
    return new Bot(pod, files, username, certificate, appId, more);
  }

  /** It goes through the server's forward proxy, with the credentials that that demands. */
  public Bot withProxy() {
    return with("proxy", pod.proxy());
  }

  /** With another key of the BDK's configuration, such as {@code with("datafeed", Map.of("version", "v1"))}. */
  public Bot with(String key, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(more);
    all.put(key, value);
    return new Bot(pod, files, username, certificate, app, all);
  }

  public String username() {
    return username;
  }

  /** A PKCS#12 file with the client certificate and its key; its password is {@value #PASSWORD}. */
  public Path certificate() {
    return files.file(username + ".p12");
  }

  /** A PEM file with the RSA key whose public half the pod has. */
  public Path privateKey() {
    return files.file(username + "-rsa.pem");
  }

  /** A PKCS#12 file with the authority to trust; its password is {@value #PASSWORD}. */
  public Path trustStore() {
    return files.file("truststore.p12");
  }

  /** Its identity in another format: {@code .pem}, {@code .key}, {@code -combined.pem}, {@code -rsa.pub.pem}. */
  public Path file(String suffix) {
    return files.file(username + suffix);
  }

  /** The configuration of the BDK as plain data. */
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("host", pod.host());
    settings.put("port", pod.port());
    settings.put("context", pod.context());
    settings.put("bot", credentials("username", username));
    if (app != null) {
      settings.put("app", credentials("appId", app));
    }
    settings.put("ssl", Map.of("trustStore", Map.of("path", trustStore().toString(), "password", PASSWORD)));
    settings.put("retry", shortRetry(3));
    settings.put("datafeed", Map.of("version", "v2", "retry", shortRetry(FOR_EVER)));
    settings.putAll(more);
    return settings;
  }

  /** The configuration of the BDK for Java. Needs symphony-bdk-config, which is part of the BDK. */
  public BdkConfig bdkConfig() {
    return BdkConfigs.load(bdkConfigFile());
  }

  /** A file with the configuration, in JSON, which the BDK's loader reads. */
  public Path bdkConfigFile() {
    try {
      byte[] content = Control.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(settings());
      return files.write(username + "-config.json", content);
    } catch (JsonProcessingException failure) {
      throw new IllegalArgumentException("this cannot be written as JSON: " + more, failure);
    }
  }

  /** The configuration as the BDK's starter for Spring Boot wants it: {@code bdk.host} and so on. */
  public Map<String, Object> springProperties() {
    Map<String, Object> properties = new LinkedHashMap<>();
    flatten("bdk", settings(), properties);
    return properties;
  }

  private Map<String, Object> credentials(String key, String name) {
    Object path = files.file(name + (certificate ? ".p12" : "-rsa.pem")).toString();
    return certificate
        ? Map.of(key, name, "certificate", Map.of("path", path, "password", PASSWORD))
        : Map.of(key, name, "privateKey", Map.of("path", path));
  }

  /** The BDK's own wait for minutes. */
  private static Map<String, Object> shortRetry(int attempts) {
    return Map.of("maxAttempts", attempts, "initialIntervalMillis", 20, "multiplier", 1.5, "maxIntervalMillis", 100);
  }

  private static void flatten(String prefix, Object value, Map<String, Object> properties) {
    if (value instanceof Map<?, ?> members) {
      members.forEach((key, member) -> flatten(prefix + "." + key, member, properties));
    } else {
      properties.put(prefix, value);
    }
  }

  @Override
  public String toString() {
    return "Bot " + username;
  }
}
