package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls that a test expects: without a count, one at least. Nothing is asked before {@link #verify()}. */
public final class Expectation {

  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(5);

  private final Control control;
  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final Map<String, Object> bounds = new LinkedHashMap<>();
  private Duration within = DEFAULT_WAIT;

  Expectation(Control control, String operation) {
    this.control = control;
    fields.put("operation", operation);
  }

  /** By this user, or this app for itself. */
  public Expectation user(String user) {
    return with("user", user);
  }

  /** Whether a user that nobody is called is refused, as by default; false where it is one who is still to come. */
  public Expectation strict(boolean strict) {
    return with("strict", strict);
  }

  /** Answered so. */
  public Expectation status(int status) {
    return with("status", status);
  }

  /** Answered in such a way, such as {@code 4xx}. */
  public Expectation status(String pattern) {
    return with("status", pattern);
  }

  /** With this text somewhere in its body. */
  public Expectation body(String contained) {
    return with("body", contained);
  }

  /** With JSON in its body, of which this is a part. */
  public Expectation body(Map<String, ?> part) {
    return with("body", part);
  }

  /** With JSON in its body, of which this is a part. */
  public Expectation body(JsonNode part) {
    return with("body", part);
  }

  /** That came to this listener, by its name. */
  public Expectation listener(String listener) {
    return with("listener", listener);
  }

  /** Exactly so many. */
  public Expectation count(int count) {
    bounds.clear();
    return with("count", count);
  }

  public Expectation atLeast(int count) {
    bounds.put("atLeast", count);
    return with("count", bounds);
  }

  public Expectation atMost(int count) {
    bounds.put("atMost", count);
    return with("count", bounds);
  }

  /** Only such that came after this one. */
  public Expectation since(Request request) {
    return with("since", request.id());
  }

  /**
   * How long to wait, in real time, until enough have come; 5 seconds by default. For a count of 0 it is how long it has
   * to stay so, by default no time.
   */
  public Expectation within(Duration time) {
    within = time;
    return with("within", Clock.text(time));
  }

  /**
   * Waits for the calls, and gives them.
   *
   * @throws AssertionError if they do not come, with the nearest misses
   */
  public Requests verify() {
    try {
      return Requests.matched(control.call("POST", "/_mock/expect", fields, within));
    } catch (ControlException error) {
      if (error.status() != 417) {
        throw error;
      }
      throw new AssertionError(unmet(error.body()));
    }
  }

  private Expectation with(String field, Object value) {
    fields.put(field, value);
    return this;
  }

  private static String unmet(JsonNode answer) {
    StringBuilder text = new StringBuilder(answer.path("message").asText());
    if (!answer.path("matched").isEmpty()) {
      text.append("\nmatched:");
      answer.get("matched").forEach(request -> text.append("\n  ").append(new Request(request)));
    }
    if (!answer.path("near").isEmpty()) {
      text.append("\nnearest:");
    }
    for (JsonNode near : answer.path("near")) {
      text.append("\n  ").append(new Request(near.get("request")));
      for (JsonNode miss : near.get("missed")) {
        text.append("\n      ").append(miss.get("condition").asText())
            .append(": expected ").append(miss.get("expected"))
            .append(", was ").append(miss.get("actual"));
      }
    }
    answer.path("hints").forEach(hint -> text.append("\nhint: ").append(hint.asText()));
    return text.toString();
  }
}
