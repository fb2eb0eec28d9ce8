package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An entry of the journal: one request with its answer, a {@code CONNECT} to the forward proxy, or a TLS handshake that
 * failed. Secrets are taken out.
 *
 * @param document the entry as the pod gives it, for what there is no method for here
 */
public record Request(JsonNode document) implements MessageRef {

  /** Counts from 1, in the order in which requests ended. */
  public long id() {
    return document.get("id").asLong();
  }

  /** The name of the operation, where one has the path. */
  public Optional<String> operation() {
    return text("operation");
  }

  public Optional<String> method() {
    return text("method");
  }

  /** With the query, and without what names the pod. */
  public Optional<String> path() {
    return text("path");
  }

  /** Who called: a user name, or the id of an app that called for itself. */
  public Optional<String> user() {
    return text("user").or(() -> text("app"));
  }

  /** Empty where the client left before the answer came. */
  public OptionalInt status() {
    return document.hasNonNull("status") ? OptionalInt.of(document.get("status").asInt()) : OptionalInt.empty();
  }

  /** The name of the TLS port that it came to. */
  public String listener() {
    return document.get("listener").asText();
  }

  /** The fault that was injected. */
  public Optional<String> fault() {
    return text("fault");
  }

  /** Why the pod said no, or what TLS disliked. */
  public Optional<String> why() {
    return Optional.ofNullable(document.path("refusal").path("why").textValue()).or(() -> text("handshake"));
  }

  /** The target of the tunnel through the forward proxy that it came through or asked for, as the client wrote it. */
  public Optional<String> tunnel() {
    return Optional.ofNullable(document.path("tunnel").path("target").textValue());
  }

  /** Whether it came to the forward proxy, and not to the pod itself. */
  public boolean isConnect() {
    return method().filter("CONNECT"::equals).isPresent();
  }

  /** Whether it is a TLS handshake that failed. */
  public boolean isHandshake() {
    return document.has("handshake");
  }

  /** Whether somebody was told no, by the pod or by TLS. */
  public boolean isRefused() {
    return why().isPresent();
  }

  /** The JSON that it came with; a missing node if it was none. */
  public JsonNode json() {
    return document.path("request").path("body").path("json");
  }

  /** The fields of the form that it came with, such as {@code message} and {@code data} of a message. */
  public Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    document.path("request").path("body").path("parts")
        .forEach(part -> parts.put(part.path("name").asText(), part.path("text").textValue()));
    return parts;
  }

  /** The JSON of the answer; a missing node if it was none. */
  public JsonNode responseJson() {
    return document.path("response").path("body").path("json");
  }

  /**
   * The id of the message that it sent.
   *
   * @throws IllegalStateException if it sent none
   */
  @Override
  public String messageId() {
    String id = responseJson().path("messageId").textValue();
    if (id == null) {
      throw new IllegalStateException("this request sent no message: " + line());
    }
    return id;
  }

  /** All of it in a line. */
  public String line() {
    String answer = status().isPresent() ? String.valueOf(status().getAsInt()) : "---";
    String what = method().isPresent()
        ? method().get() + " " + path().orElse("")
        : "TLS handshake on port " + document.path("port").asText();
    return "#" + id() + " " + answer + " " + what
        + user().map(user -> " (" + user + ")").orElse("")
        + fault().map(fault -> " [fault " + fault + "]").orElse("")
        + why().map(why -> ": " + why).orElse("");
  }

  private Optional<String> text(String field) {
    return Optional.ofNullable(document.get(field)).map(JsonNode::textValue).filter(Objects::nonNull);
  }

  @Override
  public String toString() {
    return line();
  }
}
