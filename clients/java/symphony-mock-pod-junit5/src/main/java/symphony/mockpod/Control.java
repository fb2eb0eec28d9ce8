package symphony.mockpod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** One pod's side of the control port: plain HTTP and JSON, for whatever the other classes have no verb for. */
public final class Control {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration USUAL = Duration.ofSeconds(30);

  private final HttpClient http;
  private final String url;
  private final String token;

  Control(URI url, String token) {
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          "\"" + url + "\" is no URL of a control port; expected something like http://localhost:8080");
    }
    this.http = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(USUAL)
        .build();
    this.url = url.toString().replaceAll("/+$", "");
    this.token = token;
  }

  private Control(Control other, String url) {
    this.http = other.http;
    this.url = url;
    this.token = other.token;
  }

  /** The same port, for the pod called so. */
  Control ofPod(String name) {
    return new Control(this, url + "/t/" + quoted(name));
  }

  /** Where it is, with the prefix of the pod. */
  public URI url() {
    return URI.create(url);
  }

  public JsonNode get(String path) {
    return call("GET", path, null, Duration.ZERO);
  }

  public JsonNode post(String path, Object body) {
    return call("POST", path, body, Duration.ZERO);
  }

  public JsonNode put(String path, Object body) {
    return call("PUT", path, body, Duration.ZERO);
  }

  public JsonNode delete(String path) {
    return call("DELETE", path, null, Duration.ZERO);
  }

  /**
   * One call with a JSON body, or none where it is null. Gives the answer's JSON, and a {@link NullNode} where it is
   * empty.
   *
   * @param patience how long the pod may take on top of the usual
   * @throws ControlException if the pod did not do it, or was not there
   */
  JsonNode call(String method, String path, Object body, Duration patience) {
    byte[] content = body == null ? null : write(body);
    byte[] answer = exchange(method, path, content, "application/json", patience);
    return answer.length == 0 ? NullNode.getInstance() : read(new String(answer, StandardCharsets.UTF_8));
  }

  /** One call. Gives the answer's body. */
  byte[] exchange(String method, String path, byte[] content, String contentType, Duration patience) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path)).timeout(USUAL.plus(patience));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (content == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request.header("Content-Type", contentType).method(method, HttpRequest.BodyPublishers.ofByteArray(content));
    }
    String what = method + " " + url + path;
    HttpResponse<byte[]> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException failure) {
      throw new ControlException(what + ": " + failure, failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new ControlException(what + ": interrupted", interruption);
    }
    if (response.statusCode() >= 400) {
      throw new ControlException(what, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    }
    return response.body();
  }

  static String quoted(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A query of what is not null, with its question mark. */
  static String query(Map<String, ?> parameters) {
    String query = parameters.entrySet().stream()
        .filter(parameter -> parameter.getValue() != null)
        .map(parameter -> parameter.getKey() + "=" + quoted(parameter.getValue().toString()))
        .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static byte[] write(Object body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException failure) {
      throw new IllegalArgumentException("this cannot be written as JSON: " + body, failure);
    }
  }

  private static JsonNode read(String answer) {
    try {
      return JSON.readTree(answer);
    } catch (JsonProcessingException noJson) {
      return JSON.getNodeFactory().textNode(answer);
    }
  }

  @Override
  public String toString() {
    return url;
  }
}
