package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What a test does beside the SDK: calls no BDK has, and those of the control port. */
final class Administrator {

  private static final HttpClient CONTROL = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Ends a session whose owner, or whose app, {@code name} is. */
  static void logOut(Pod pod, String name, String sessionToken) {
    try {
      HttpClient client = HttpClient.newBuilder().sslContext(identity(pod, name)).build();
      HttpRequest request = HttpRequest.newBuilder(
              URI.create("https://localhost:" + pod.port() + "/sessionauth/v1/logout"))
          .header("sessionToken", sessionToken)
          .POST(HttpRequest.BodyPublishers.noBody())
          .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    } catch (IOException | InterruptedException | GeneralSecurityException failure) {
      throw new IllegalStateException("no logout", failure);
    }
  }

  /** Deletes a datafeed behind the back of the bot that listens to it. */
  static void deleteDatafeed(Pod pod, String feed, String sessionToken) {
    call(pod, "DELETE", "/agent/v5/datafeeds/" + feed, sessionToken, null, 200);
  }

  /** Makes a datafeed for a bot that is yet to come. */
  static void createDatafeed(Pod pod, String sessionToken) {
    call(pod, "POST", "/agent/v5/datafeeds", sessionToken, null, 201);
  }

  /** What the pod would tell the front end of an app about its user. */
  static String identityJwt(Pod pod, String app, String user) {
    return control(pod, "/_mock/identity-jwt", Map.of("app", app, "user", user)).get("jwt").asText();
  }

  /** Lets somebody do in his client what no SDK can, such as to speak to a bot. */
  static JsonNode asPerson(Pod pod, String user, String deed, Map<String, ?> what) {
    return control(pod, "/_mock/people/" + user + "/" + deed, what);
  }

  /** Moves the clock of the pod by a duration like {@code 90m}. */
  static void advanceClock(Pod pod, String by) {
    control(pod, "/_mock/clock/advance", Map.of("by", by));
  }

  /** One request to the control port, and the body of its answer. */
  static JsonNode control(Pod pod, String path, Map<String, ?> body) {
    try {
      return control(pod, "POST", path, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
    } catch (JsonProcessingException failure) {
      throw new IllegalArgumentException(failure);
    }
  }

  /** One request without a body to the control port, and the body of its answer. */
  static JsonNode control(Pod pod, String method, String path) {
    return control(pod, method, path, HttpRequest.BodyPublishers.noBody());
  }

  private static JsonNode control(Pod pod, String method, String path, HttpRequest.BodyPublisher body) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + pod.controlPort() + path))
          .method(method, body)
          .build();
      HttpResponse<String> answer = CONTROL.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
      return JSON.readTree(answer.body());
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(path, failure);
    }
  }

  /** One request beside the SDK's own, and the body of its answer; {@code body} is JSON, or null. */
  static JsonNode call(Pod pod, String method, String path, String sessionToken, String body) {
    return call(pod, method, path, sessionToken, body, 200);
  }

  private static JsonNode call(Pod pod, String method, String path, String sessionToken, String body, int expected) {
    try {
      HttpClient client = HttpClient.newBuilder().sslContext(identity(pod, "bot")).build();
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://localhost:" + pod.port() + path))
          .header("sessionToken", sessionToken);
      if (body == null) {
        request.method(method, HttpRequest.BodyPublishers.noBody());
      } else {
        request.header("content-type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body));
      }
      HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
      return JSON.readTree(answer.body());
    } catch (IOException | InterruptedException | GeneralSecurityException failure) {
      throw new IllegalStateException(path, failure);
    }
  }

  private static SSLContext identity(Pod pod, String name) throws GeneralSecurityException, IOException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(keyStore(pod.file(name + ".p12")), Pod.PASSWORD.toCharArray());
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keyStore(pod.file("truststore.p12")));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  static KeyStore keyStore(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream content = Files.newInputStream(file)) {
      store.load(content, Pod.PASSWORD.toCharArray());
    }
    return store;
  }

  private Administrator() {}
}
