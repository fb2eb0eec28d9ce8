package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The decision about a request.
 *
 * @param line all of it in a line
 * @param kind the name of the reason
 * @param steps what was looked at, in order; the last is what decided
 * @param hints what to do about it, where that is sure
 */
public record Why(String line, Optional<String> kind, List<Step> steps, List<String> hints) {

  /**
   * Something that was looked at.
   *
   * @param ok whether it was good
   * @param detail what was seen
   */
  public record Step(String step, boolean ok, String detail) {}

  static Why of(JsonNode answer) {
    return new Why(
        answer.get("line").asText(),
        Optional.ofNullable(answer.path("kind").textValue()),
        StreamSupport.stream(answer.path("steps").spliterator(), false)
            .map(step -> new Step(step.get("step").asText(), step.get("ok").asBoolean(), step.get("detail").asText()))
            .toList(),
        StreamSupport.stream(answer.path("hints").spliterator(), false).map(JsonNode::asText).toList());
  }

  @Override
  public String toString() {
    Stream<String> looked = steps.stream().map(
        step -> "  " + (step.ok() ? "ok " : "NO ") + " " + step.step() + ": " + step.detail());
    Stream<String> advice = hints.stream().map(hint -> "  hint: " + hint);
    return Stream.of(Stream.of(line), looked, advice).flatMap(lines -> lines).collect(Collectors.joining("\n"));
  }
}
