package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The pod's clock, by which sessions end, feeds go stale and messages are dated. Every verb gives the time after it. */
public final class Clock {

  private final Control control;

  Clock(Control control) {
    this.control = control;
  }

  public Instant now() {
    return moment(control.get("/_mock/clock"));
  }

  /** Whether it stands still. */
  public boolean isFrozen() {
    return control.get("/_mock/clock").get("frozen").asBoolean();
  }

  /** Stops it. */
  public Instant freeze() {
    return moment(control.post("/_mock/clock/freeze", null));
  }

  /** Lets it run on from where it is. */
  public Instant run() {
    return moment(control.post("/_mock/clock/run", null));
  }

  /** Moves it forward. */
  public Instant advance(Duration by) {
    return advance(text(by));
  }

  /** Moves it forward by a text such as {@code 90s}, {@code 15m} or {@code 14d}. */
  public Instant advance(String by) {
    return moment(control.post("/_mock/clock/advance", Map.of("by", by)));
  }

  /** Moves it to a moment, forward or back; milliseconds are what it counts in. */
  public Instant set(Instant to) {
    return moment(control.post("/_mock/clock/set", Map.of("to", to.toEpochMilli())));
  }

  /** A duration as the pod reads it. */
  static String text(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(duration + " is negative");
    }
    return duration.toMillis() + "ms";
  }

  private static Instant moment(JsonNode reading) {
    return Instant.ofEpochMilli(reading.get("now").asLong());
  }
}
