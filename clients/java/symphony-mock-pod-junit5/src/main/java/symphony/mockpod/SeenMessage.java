package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A message as somebody sees it.
 *
 * @param messageId its id
 * @param author the user name of whoever sent it
 * @param text what is said, without any markup
 * @param document all of it: {@code message} in PresentationML, {@code data}, {@code attachments}, {@code timestamp}
 */
public record SeenMessage(String messageId, String author, String text, JsonNode document) implements MessageRef {

  static SeenMessage of(JsonNode row) {
    return new SeenMessage(
        row.get("messageId").asText(), row.path("author").asText(), row.path("text").asText(), row);
  }
}
