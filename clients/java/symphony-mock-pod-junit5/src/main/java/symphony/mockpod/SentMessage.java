package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * A message that somebody sent.
 *
 * @param sent when, on the pod's clock
 */
public record SentMessage(String messageId, String streamId, Instant sent) implements MessageRef {

  static SentMessage of(JsonNode answer) {
    return new SentMessage(
        answer.get("messageId").asText(),
        answer.get("streamId").asText(),
        Instant.ofEpochMilli(answer.get("timestamp").asLong()));
  }
}
