package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What came to the pod, why it said no, and what was expected of it. */
@NeedsPod
@SymphonyPod
class JournalTest {

  private static final String LOGIN = "session_authenticate_v1";
  private static final String ME = "sessioninfo_v2";
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private MockPod pod;
  private Client client;

  @BeforeEach
  void logIn(MockPod pod) {
    this.pod = pod;
    client = Client.of(pod);
  }

  @Test
  void everyCallIsThereWithItsAnswer() {
    client.me();
    client.get("/nowhere");

    Requests requests = pod.requests();

    assertThat(requests).extracting(Request::status).extracting(status -> status.orElse(0))
        .containsExactly(200, 200, 404);
    assertThat(requests.get(0).operation()).contains(LOGIN);
    assertThat(requests.get(1).path()).contains("/pod/v2/sessioninfo");
    assertThat(requests.get(1).responseJson().get("username").asText()).isEqualTo("bot");
    assertThat(requests.last().operation()).isEmpty();
    assertThat(requests.last().isRefused()).isTrue();
    assertThat(requests.last().line()).startsWith("#3 404 GET /nowhere (bot): ");
    assertThat(requests.lines().lines()).hasSize(3);
    assertThat(requests.dropped()).isZero();
  }

  @Test
  void itIsSearched() {
    client.me();
    client.get("/nowhere");
    Request login = pod.requests(RequestFilter.operation(LOGIN)).last();

    assertThat(pod.requests(RequestFilter.all().since(login))).hasSize(2);
    assertThat(pod.requests(RequestFilter.all().status("4xx"))).extracting(Request::id).containsExactly(3L);
    assertThat(pod.requests(RequestFilter.all().status(404))).hasSize(1);
    assertThat(pod.requests(RequestFilter.all().refused(false).user("bot"))).hasSize(2);
    assertThat(pod.requests(RequestFilter.all().limit(1))).extracting(Request::id).containsExactly(3L);
    assertThat(pod.requests(RequestFilter.all().user("alice"))).isEmpty();
    assertThatThrownBy(() -> pod.requests(RequestFilter.operation("sessioninfo_v3")))
        .isInstanceOf(ControlException.class).hasMessageContaining(ME);

    pod.forgetRequests();

    assertThat(pod.requests()).isEmpty();
  }

  @Test
  void aMessageIsInParts() {
    String room = pod.user("alice").send("Test Room", "hello").streamId();
    String id = client.send(room, "<messageML>good day</messageML>");

    Request sent = pod.expect("create_message_v4").user("bot").body("good day").verify().last();

    assertThat(sent.parts()).isEqualTo(Map.of("message", "<messageML>good day</messageML>"));
    assertThat(sent.messageId()).isEqualTo(id);
    Request login = pod.requests(RequestFilter.operation(LOGIN)).last();
    assertThatThrownBy(login::messageId).hasMessageContaining("sent no message");
  }

  @Test
  void jsonIsLookedInto() {
    client.post("/agent/v5/datafeeds", "{\"tag\": \"test\"}");

    Request made = pod.expect("datafeeds_create_v5").body(Map.of("tag", "test")).verify().last();

    assertThat(made.json().get("tag").asText()).isEqualTo("test");
    Expectation other = pod.expect("datafeeds_create_v5").body(Map.of("tag", "other")).within(AT_ONCE);
    assertThatThrownBy(other::verify).isInstanceOf(AssertionError.class).hasMessageContaining("body: expected");
  }

  @Test
  void aRefusalSaysWhy() {
    assertThat(pod.why()).isEmpty();
    pod.clock().advance("15d");
    assertThat(client.me()).isEqualTo(401);

    Why why = pod.why().orElseThrow();

    assertThat(why.line()).startsWith("401 GET /pod/v2/sessioninfo (bot): ");
    Why.Step decisive = why.steps().get(why.steps().size() - 1);
    assertThat(decisive.step()).isEqualTo("session");
    assertThat(decisive.ok()).isFalse();
    assertThat(why.toString()).startsWith(why.line() + "\n  ok  ").contains("\n  NO  session: ");
    assertThat(pod.why(pod.requests().get(0)).steps()).isNotEmpty().allMatch(Why.Step::ok);
  }

  @Test
  void whatDidNotComeIsToldWithTheNearest() {
    client.me();

    Expectation expectation = pod.expect(ME).user("alice").within(AT_ONCE);

    assertThatThrownBy(expectation::verify)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected 1 at least")
        .hasMessageContaining("GET /pod/v2/sessioninfo (bot)\n      user: expected \"alice\", was \"bot\"");
  }

  /** Which would match nothing, and so never come. */
  @Test
  void aMisspeltNameTurnsNoNegativeTestGreen() {
    for (ThrowingCallable asks : List.<ThrowingCallable>of(
        pod.expect(LOGIN).user("bott").count(0)::verify,
        () -> pod.requests(RequestFilter.all().user("bott")))) {
      assertThatThrownBy(asks).isInstanceOf(ControlException.class).hasMessageContaining("the nearest is \"bot\"");
    }
    assertThatThrownBy(pod.expect("sessioninfo_v3").count(0)::verify)
        .isInstanceOf(ControlException.class).hasMessageContaining(ME);
    for (ThrowingCallable asks : List.<ThrowingCallable>of(
        pod.expect(LOGIN).status("9xx").count(0)::verify,
        pod.expect(LOGIN).status(600).count(0)::verify,
        () -> pod.requests(RequestFilter.all().status("9xx")))) {
      assertThatThrownBy(asks).isInstanceOfSatisfying(ControlException.class,
          error -> assertThat(error.field()).contains("status"));
    }
    // Somebody who is still to come.
    assertThat(pod.expect(LOGIN).user("zoe").strict(false).count(0).verify()).isEmpty();
    // Nor is a pod made by asking it.
    String misspelt = pod.name().orElseThrow() + "x";
    Map<String, Object> none = Map.of("operation", LOGIN, "count", 0);
    assertThatThrownBy(() -> pod.server().control().post("/t/" + misspelt + "/_mock/expect", none))
        .isInstanceOf(ControlException.class).hasMessageContaining(misspelt);
  }

  @Test
  void countsAreExactOrHaveBounds() {
    client.me();
    Request first = pod.requests().last();
    client.me();

    assertThat(pod.expect(ME).verify()).hasSize(2);
    assertThat(pod.expect(ME).status(200).count(2).verify()).hasSize(2);
    assertThat(pod.expect(ME).status("2xx").atLeast(1).atMost(2).verify()).hasSize(2);
    assertThat(pod.expect(ME).since(first).count(1).verify()).hasSize(1);
    assertThat(pod.expect("datafeeds_create_v5").count(0).verify()).isEmpty();
    assertThatThrownBy(pod.expect(ME).count(1).within(AT_ONCE)::verify)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected 1, and there were 2")
        .hasMessageContaining("matched:\n  #2 200 GET");
    assertThatThrownBy(pod.expect(ME).atMost(1).within(AT_ONCE)::verify).isInstanceOf(AssertionError.class);
    assertThatThrownBy(pod.expect("no such operation")::verify).isInstanceOf(ControlException.class);
  }

  @Test
  void aCallIsWaitedFor() {
    var waiting = CompletableFuture.supplyAsync(
        () -> pod.expect(ME).user("bot").within(Duration.ofSeconds(20)).verify());

    client.me();

    assertThat(waiting.join()).hasSize(1);
  }
}
