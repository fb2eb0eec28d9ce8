package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;

/** The faults of a pod. */
public final class Faults {

  private final Control control;

  Faults(Control control) {
    this.control = control;
  }

  /** Makes calls go wrong. */
  public Fault inject(FaultPlan plan) {
    return new Fault(control, control.post("/_mock/faults", plan.fields()));
  }

  /** Injects a fault that is known from the field, as it is. {@link FaultPlan#pack} is the way to narrow it down. */
  public Fault pack(String name) {
    return inject(FaultPlan.pack(name));
  }

  /** The faults that have a name, each with what it does. */
  public List<JsonNode> packs() {
    return listed(control.get("/_mock/faults/packs"), "packs");
  }

  /** The faults that are injected now. */
  public List<JsonNode> active() {
    return listed(control.get("/_mock/faults"), "faults");
  }

  /** Ends them all. */
  public void clear() {
    control.delete("/_mock/faults");
  }

  private static List<JsonNode> listed(JsonNode answer, String name) {
    return StreamSupport.stream(answer.get(name).spliterator(), false).toList();
  }
}
