package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
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

/** A client of the pod as small as one can be, in place of an SDK: a bot that logs in with its certificate. */
final class Client {

  private final HttpClient http;
  private final String url;
  private String token = "none";

  Client(MockPod pod, String bot) {
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls(pod.bot(bot))).build();
    url = pod.url().toString();
  }

  static Client of(MockPod pod) {
    Client client = new Client(pod, "bot");
    client.token = json(client.post("/sessionauth/v1/authenticate", "")).get("token").asText();
    return client;
  }

  int me() {
    return get("/pod/v2/sessioninfo").statusCode();
  }

  String send(String stream, String message) {
    String part = "--edge\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n" + message + "\r\n--edge--\r\n";
    HttpRequest.Builder request = to("/agent/v4/stream/" + stream + "/message/create")
        .header("Content-Type", "multipart/form-data; boundary=edge")
        .POST(HttpRequest.BodyPublishers.ofString(part));
    return json(answer(request)).get("messageId").asText();
  }

  HttpResponse<String> get(String path) {
    return answer(to(path).GET());
  }

  /** The status of an answer of another listener. */
  int statusAt(URI listener, String path) {
    return answer(HttpRequest.newBuilder(URI.create(listener + path)).GET()).statusCode();
  }

  HttpResponse<String> post(String path, String json) {
    return answer(
        to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).header("sessionToken", token);
  }

  private HttpResponse<String> answer(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return Control.JSON.readTree(response.body());
    } catch (IOException failure) {
      throw new IllegalStateException(response.statusCode() + " " + response.body(), failure);
    }
  }

  private static SSLContext tls(Bot bot) {
    try {
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store(bot.certificate()), Bot.PASSWORD.toCharArray());
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store(bot.trustStore()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static KeyStore store(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream content = Files.newInputStream(file)) {
      store.load(content, Bot.PASSWORD.toCharArray());
    }
    return store;
  }
}
