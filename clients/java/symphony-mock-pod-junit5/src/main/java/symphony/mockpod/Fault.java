package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;

/** An injected fault. It ends with {@link #close}; without, it stays until the pod goes. */
public final class Fault implements AutoCloseable {

  private final Control control;
  private final JsonNode document;

  Fault(Control control, JsonNode document) {
    this.control = control;
    this.document = document;
  }

  public String id() {
    return document.get("id").asText();
  }

  /** The fault as the pod described it when it was injected. */
  public JsonNode document() {
    return document;
  }

  /** Ends it. Calls that it holds up go on. */
  @Override
  public void close() {
    control.delete("/_mock/faults/" + Control.quoted(id()));
  }

  @Override
  public String toString() {
    return "Fault " + document;
  }
}
