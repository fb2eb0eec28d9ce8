package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static pod.Requests.CERTIFICATE_LOGIN;
import static pod.Requests.CERTIFICATE_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.IS_READ;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Incidents that the pod has by name, and how the BDK gets over them, or does not. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class FaultPacksTest {

  private static final String FAULTS = "/_mock/faults";
  private static final String FEEDS = "POST /agent/v5/datafeeds";

  private final Requests requests = new Requests();

  private Pod pod;
  private SymphonyBdk bdk;
  private String readOfFirstFeed;

  @BeforeEach
  void start(Home home) throws Exception {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s}
        users:
          - {username: bot, accountType: SYSTEM}
          - {username: alice}
        rooms:
          - {name: Den, owners: [alice], members: [bot]}
        """);
    BdkConfig config = Bots.certificateBot(pod);
    config.getDatafeed().setRetry(Bots.retryForEver());
    bdk = requests.start(config);
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void sessionExpiredABotLogsInAgain() throws Exception {
    try (var bot = listeningWell()) {
      meets(unleash("session-expired", Map.of()), 1);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER);
    }
  }

  @Test
  void feedExpiredABotDeletesItAndMakesAnother() throws Exception {
    try (var bot = listeningWell()) {
      meets(unleash("feed-expired", Map.of()), 1);
      requests.await(1, IS_READ.and(request -> !request.equals(readOfFirstFeed)));
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).hasSize(2).last().isEqualTo(FEEDS);
      assertThat(requests.besidesReads()).first().asString().startsWith("DELETE /agent/v5/datafeeds/");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pod-maintenance", "agent-down"})
  void anOutageIsWaitedOutOnTheSameFeed(String pack) throws Exception {
    try (var bot = listeningWell()) {
      String outage = unleash(pack, Map.of());
      meets(outage, 3);
      control("DELETE", FAULTS + "/" + outage);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).isEmpty();
      assertThat(requests.made().stream().distinct()).hasSize(1);
    }
  }

  @Test
  void rateLimitedABotTriesAgainUntilItMay() throws Exception {
    try (var bot = listeningWell()) {
      meets(unleash("rate-limited", Map.of()), 3);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).isEmpty();
    }
  }

  @Test
  void slowLongpollWhatWasSaidIsHeardLate() throws Exception {
    try (var bot = listeningWell()) {
      String slow = unleash("slow-longpoll", Map.of());
      meets(slow, 1);
      Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Den", "message", "Late"));
      assertThat(bot.hearsNothingMore()).isTrue();
      Administrator.advanceClock(pod, "25s");
      assertThat(bot.hearsMessage("alice")).isEqualTo("Late");
      control("DELETE", FAULTS + "/" + slow);
      hears(bot, "Back again");
    }
  }

  /**
   * A login that is refused with 403 is not tried again and is none that is unauthorized ({@code AuthenticationRetry}).
   * The loop ends without a word to whoever started it.
   */
  @Test
  void keyManagerUnregisteredABotThatHasToLogInFallsSilent() throws Exception {
    var bot = listeningWell();
    unleash("key-manager-unregistered", Map.of());
    meets(unleash("session-expired", Map.of()), 1);

    assertThat(bot.dies()).isNull();
    assertThat(requests.besidesReads()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER);
  }

  /** What is no refusal but a failure is tried again: the status of this incident is not documented. */
  @Test
  void keyManagerUnregisteredForAMomentIsGotOver() throws Exception {
    try (var bot = listeningWell()) {
      unleash("key-manager-unregistered", Map.of("status", 500, "times", 1));
      meets(unleash("session-expired", Map.of()), 1);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).filteredOn(CERTIFICATE_LOGIN_TO_KEY_MANAGER::equals).hasSize(2);
    }
  }

  private Listening listeningWell() throws Exception {
    var bot = Listening.to(bdk.datafeed(), requests);
    hears(bot, "All is well");
    // The bot may have begun its next read already or may not: later the first feed is known by this one.
    readOfFirstFeed = requests.made().stream().filter(IS_READ).findFirst().orElseThrow();
    requests.forget();
    return bot;
  }

  private void hears(Listening bot, String words) throws Exception {
    Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Den", "message", words));
    assertThat(bot.hearsMessage("alice")).isEqualTo(words);
  }

  /** Has an incident happen to the bot. Gives the id of the fault. */
  private String unleash(String pack, Map<String, ?> more) {
    Map<String, Object> plan = new HashMap<>(more);
    plan.put("pack", pack);
    plan.put("user", "bot");
    return Administrator.control(pod, FAULTS, plan).get("id").asText();
  }

  /** Waits until the bot has met a fault so often. */
  private void meets(String fault, int times) throws IOException, InterruptedException {
    int met = 0;
    while (met < times) {
      for (JsonNode known : new ObjectMapper().readTree(control("GET", FAULTS)).get("faults")) {
        met = known.get("id").asText().equals(fault) ? known.get("fired").asInt() : met;
      }
    }
  }

  private String control(String method, String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + pod.controlPort() + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    return answer.body();
  }
}
