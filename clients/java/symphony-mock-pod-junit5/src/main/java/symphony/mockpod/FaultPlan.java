package symphony.mockpod;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which calls go wrong, for whom, how often and how. Unchangeable: every method gives another plan. */
public final class FaultPlan {

  private final Map<String, Object> fields;

  private FaultPlan(Map<String, Object> fields) {
    this.fields = fields;
  }

  /** Calls of these operations; {@code *} stands for any text, and none means all. */
  public static FaultPlan on(String... operations) {
    return new FaultPlan(operations.length == 0 ? Map.of() : Map.of("operation", List.of(operations)));
  }

  /** A fault that is known from the field, by its name; {@link Faults#packs} lists them. The rest narrows it down. */
  public static FaultPlan pack(String name) {
    return new FaultPlan(Map.of("pack", name));
  }

  /** Of a pack: in other operations than its own. */
  public FaultPlan operations(String... operations) {
    return with("operation", List.of(operations));
  }

  /** Only calls of this user or app. */
  public FaultPlan user(String user) {
    return with("user", user);
  }

  /**
   * Only what comes to this listener, by its name, or by a role for the first that has it; {@code proxy} is the forward
   * proxy, whose answer to {@code CONNECT} is meant then.
   */
  public FaultPlan listener(String listener) {
    return with("listener", listener);
  }

  /** Whether a user that nobody is called is refused, as by default; false where it is one who is still to come. */
  public FaultPlan strict(boolean strict) {
    return with("strict", strict);
  }

  /** What the journal calls it. */
  public FaultPlan name(String name) {
    return with("name", name);
  }

  /** Not before the n-th call that matches. */
  public FaultPlan nth(int call) {
    return with("nth", call);
  }

  /** At most so often. */
  public FaultPlan times(int times) {
    return with("times", times);
  }

  /** By chance, from 0 to 1, which is the same in every run. */
  public FaultPlan probability(double probability) {
    return with("probability", probability);
  }

  /** At most so many times in a row. */
  public FaultPlan inARow(int times) {
    return with("inARow", times);
  }

  /** This HTTP status is the answer. */
  public FaultPlan status(int status) {
    return with("status", status);
  }

  /** The body of the answer: a text, or what is written as JSON. */
  public FaultPlan body(Object body) {
    return with("body", body);
  }

  /** Headers of the answer. */
  public FaultPlan headers(Map<String, String> headers) {
    return with("headers", headers);
  }

  /** Tells the client when to come again. */
  public FaultPlan retryAfter(Duration wait) {
    return with("retryAfter", wait.toSeconds());
  }

  /** The answer comes later, by the pod's clock. */
  public FaultPlan delay(Duration delay) {
    return with("delay", Clock.text(delay));
  }

  /** The answer never comes. */
  public FaultPlan hang() {
    return with("hang", true);
  }

  /** The connection is reset. */
  public FaultPlan reset() {
    return with("reset", true);
  }

  /** The connection ends in the middle of the answer's body. */
  public FaultPlan cutBody() {
    return with("cutBody", true);
  }

  /** The answer's body is no JSON. */
  public FaultPlan malformedJson() {
    return with("malformedJson", true);
  }

  /** The answer's type is said to be this. */
  public FaultPlan contentType(String type) {
    return with("contentType", type);
  }

  /** The caller's session ends before the call. */
  public FaultPlan expireSession() {
    return with("expireSession", true);
  }

  /** The feed is lost before it is read. */
  public FaultPlan loseFeed() {
    return with("loseFeed", true);
  }

  /** Feeds hand out events twice. */
  public FaultPlan duplicateEvents() {
    return with("duplicateEvents", true);
  }

  /** Feeds hand out events in another order. */
  public FaultPlan reorderEvents() {
    return with("reorderEvents", true);
  }

  /** Feeds keep events back for so many reads. */
  public FaultPlan withholdEvents(int reads) {
    return with("withholdEvents", reads);
  }

  /** Feeds keep events back for so long, by the pod's clock. */
  public FaultPlan withholdEvents(Duration time) {
    return with("withholdEvents", Clock.text(time));
  }

  /** Objects in answers have these fields beside their own, as those of a pod that is newer than the bot. */
  public FaultPlan addFields(Map<String, ?> fields) {
    return with("addFields", fields);
  }

  /** Fields of these names have these values wherever they are in answers. */
  public FaultPlan setFields(Map<String, ?> fields) {
    return with("setFields", fields);
  }

  /** Reads of feeds hand these out at once, as if they were events, whatever they are; null is one, too. */
  public FaultPlan addEvents(List<?> events) {
    return with("addEvents", events);
  }

  /** The extended health calls these down, with 503: pod, datafeed, key_manager, agentservice, ceservice. */
  public FaultPlan unhealthy(String... components) {
    return with("unhealthy", List.of(components));
  }

  /** Connections to the listener, or to all, are reset, and those that are open end. Only the main pod may say so. */
  public FaultPlan refuseConnections() {
    return with("refuseConnections", true);
  }

  /** The same, but they end in their handshake. */
  public FaultPlan endHandshakes() {
    return with("endHandshakes", true);
  }

  /** Another begins and ends with this one, and means the same user unless it says otherwise. */
  public FaultPlan and(FaultPlan other) {
    List<Object> others = new ArrayList<>((List<?>) fields.getOrDefault("and", List.of()));
    others.add(other.fields);
    return with("and", others);
  }

  /** With another field of what {@code POST /_mock/faults} takes. */
  public FaultPlan with(String field, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(fields);
    all.put(field, value);
    return new FaultPlan(all);
  }

  Map<String, Object> fields() {
    return fields;
  }

  @Override
  public String toString() {
    return "FaultPlan " + fields;
  }
}
