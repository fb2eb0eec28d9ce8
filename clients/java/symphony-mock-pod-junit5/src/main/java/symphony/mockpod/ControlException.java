package symphony.mockpod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;

/** The control port did not do what it was asked to, or is not there. */
public final class ControlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient JsonNode body;

  ControlException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
    this.body = MissingNode.getInstance();
  }

  ControlException(String call, int status, String answer) {
    this(call, status, answer, parsed(answer));
  }

  private ControlException(String call, int status, String answer, JsonNode body) {
    super(said(body, answer) + " (" + status + " to " + call + ")");
    this.status = status;
    this.body = body;
  }

  /** The HTTP status; 0 where there was no answer. */
  public int status() {
    return status;
  }

  /** The field of the request that was wrong. */
  public Optional<String> field() {
    return Optional.ofNullable(body.path("field").textValue());
  }

  JsonNode body() {
    return body;
  }

  private static String said(JsonNode body, String answer) {
    String error = body.path("error").asText(body.path("message").asText(answer.strip()));
    return body.hasNonNull("field") ? body.get("field").asText() + ": " + error : error;
  }

  private static JsonNode parsed(String answer) {
    try {
      return Control.JSON.readTree(answer);
    } catch (JsonProcessingException noJson) {
      return MissingNode.getInstance();
    }
  }
}
