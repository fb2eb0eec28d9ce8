package symphony.mockpod;

import java.util.Map;

/** A state of a pod to which it can go back. */
public final class Snapshot {

  private final MockPod pod;
  private final String name;

  Snapshot(MockPod pod, String name) {
    this.pod = pod;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** Goes back to this state, as often as one likes. */
  public void restore() {
    pod.restore(name);
  }

  /** Another pod that begins with this state. */
  public MockPod pod(String name) {
    return pod.server().make(pod.control(), name, Map.of("snapshot", this.name));
  }

  /** Forgets it. */
  public void delete() {
    pod.control().delete("/_mock/snapshots/" + Control.quoted(name));
  }

  @Override
  public String toString() {
    return "Snapshot " + name;
  }
}
