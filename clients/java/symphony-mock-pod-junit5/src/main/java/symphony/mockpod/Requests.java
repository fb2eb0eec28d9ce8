package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.AbstractList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Entries of the journal, the oldest first. */
public final class Requests extends AbstractList<Request> {

  private final List<Request> entries;
  private final long dropped;

  private Requests(List<Request> entries, long dropped) {
    this.entries = entries;
    this.dropped = dropped;
  }

  static Requests of(JsonNode answer) {
    return new Requests(list(answer.path("requests")), answer.path("dropped").asLong());
  }

  static Requests matched(JsonNode answer) {
    return new Requests(list(answer.path("matched")), 0);
  }

  /** How many older ones the journal forgot to make room. */
  public long dropped() {
    return dropped;
  }

  /**
   * The last.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public Request last() {
    return entries.get(entries.size() - 1);
  }

  /** Each in a line. */
  public String lines() {
    String lines = entries.stream().map(Request::line).collect(Collectors.joining("\n"));
    return dropped == 0 ? lines : "(" + dropped + " older ones were forgotten)\n" + lines;
  }

  @Override
  public Request get(int index) {
    return entries.get(index);
  }

  @Override
  public int size() {
    return entries.size();
  }

  private static List<Request> list(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false).map(Request::new).toList();
  }
}
