package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A TLS port of the server.
 *
 * @param name what faults and the journal call it
 * @param role the part of the API that it serves: {@code pod}, {@code agent}, {@code key-manager}, {@code session-auth} or
 *     {@code all}
 * @param port as the server has it, whatever a container makes of it
 * @param mtls whether it demands a client certificate in the handshake
 */
public record Listener(String name, String role, int port, boolean mtls) {

  static Listener of(JsonNode row) {
    return new Listener(
        row.get("name").asText(), row.get("role").asText(), row.get("port").asInt(), row.get("mtls").asBoolean());
  }
}
