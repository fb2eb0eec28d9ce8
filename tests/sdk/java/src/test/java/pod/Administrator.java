package pod;

import static org.assertj.core.api.Assertions.assertThat;

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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What a test does beside the SDK: calls no BDK has, and those of the control port. */
final class Administrator {

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
    try {
      HttpClient client = HttpClient.newBuilder().sslContext(identity(pod, "bot")).build();
      HttpRequest request = HttpRequest.newBuilder(
              URI.create("https://localhost:" + pod.port() + "/agent/v5/datafeeds/" + feed))
          .header("sessionToken", sessionToken)
          .DELETE()
          .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    } catch (IOException | InterruptedException | GeneralSecurityException failure) {
      throw new IllegalStateException("no deletion", failure);
    }
  }

  /** What the pod would tell the front end of an app about its user. */
  static String identityJwt(Pod pod, String app, String user) {
    try {
      HttpRequest request = HttpRequest.newBuilder(
              URI.create("http://localhost:" + pod.controlPort() + "/_mock/identity-jwt"))
          .POST(HttpRequest.BodyPublishers.ofString("{\"app\": \"%s\", \"user\": \"%s\"}".formatted(app, user)))
          .build();
      HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return new ObjectMapper().readTree(answer.body()).get("jwt").asText();
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException("no identity JWT", failure);
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
