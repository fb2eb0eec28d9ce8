package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static pod.Requests.CERTIFICATE_LOGIN;
import static pod.Requests.CERTIFICATE_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.IS_READ;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong under a bot that listens, and how the BDK gets over it. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class DatafeedRecoveryTest {

  private static final String FEEDS = "POST /agent/v5/datafeeds";

  private final Requests requests = new Requests();

  private Pod pod;
  private SymphonyBdk bdk;

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void after400ABotDeletesTheFeedAndMakesAnother(Home home) throws Exception {
    startPod(home, "30m");
    bdk = requests.start(configuration());
    try (var bot = listeningWell()) {
      String old = read().substring(FEEDS.length() + 1, read().length() - "/read".length());
      requests.forget();

      Administrator.deleteDatafeed(pod, old, bdk.botSession().getSessionToken());
      requests.await(1, IS_READ.and(request -> !request.contains(old)));
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).containsExactly("DELETE /agent/v5/datafeeds/" + old, FEEDS);
    }
  }

  @Test
  void after401ABotLogsInAgainAndReadsTheSameFeed(Home home) throws Exception {
    startPod(home, "30m");
    bdk = requests.start(configuration());
    try (var bot = listeningWell()) {
      String read = read();
      requests.forget();

      Administrator.logOut(pod, "bot", bdk.botSession().getSessionToken());
      requests.await(1, CERTIFICATE_LOGIN_TO_KEY_MANAGER::equals);
      requests.forget();
      hears(bot, "Back again");

      assertThat(requests.made()).containsOnly(read);
    }
  }

  @Test
  void aBotOutlivesItsSession(Home home) throws Exception {
    // A feed that nobody reads when the clock moves is too old as well, unless it may grow as old.
    startPod(home, "30d");
    bdk = requests.start(configuration());
    try (var bot = listeningWell()) {
      requests.forget();

      Administrator.advanceClock(pod, "15d");
      requests.await(1, CERTIFICATE_LOGIN::equals);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER);
    }
  }

  @Test
  void after401ABotOnDatafeed1LogsInAgain(Home home, @TempDir Path folder) throws Exception {
    startPod(home, "30m");
    BdkConfig config = configuration();
    config.getDatafeed().setVersion("v1");
    config.getDatafeed().setIdFilePath(folder.resolve("datafeed.id").toString());
    bdk = requests.start(config);
    try (var bot = listeningWell()) {
      requests.forget();

      Administrator.logOut(pod, "bot", bdk.botSession().getSessionToken());
      requests.await(1, CERTIFICATE_LOGIN::equals);
      hears(bot, "Back again");

      assertThat(requests.besidesReads()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER);
    }
  }

  @Test
  void after401ABotOnADatahoseLogsInAgain(Home home) throws Exception {
    startPod(home, "30m");
    BdkConfig config = configuration();
    config.getDatahose().setTag("all");
    config.getDatahose().setEventTypes(List.of("MESSAGESENT"));
    config.getDatahose().setRetry(Bots.retryForEver());
    bdk = requests.start(config);
    try (var bot = Listening.to(bdk.datahose(), requests)) {
      hears(bot, "All is well");
      requests.forget();

      Administrator.logOut(pod, "bot", bdk.botSession().getSessionToken());
      requests.await(1, CERTIFICATE_LOGIN::equals);
      hears(bot, "Back again");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void aBotThatWasAwayTooLongMakesANewFeed(String version, Home home, @TempDir Path folder) throws Exception {
    String create = version.equals("v1") ? "POST /agent/v4/datafeed/create" : FEEDS;
    startPod(home, "30m");
    BdkConfig config = configuration();
    config.getDatafeed().setVersion(version);
    config.getDatafeed().setIdFilePath(folder.resolve("datafeed.id").toString());
    bdk = requests.start(config);
    listeningWell().close();
    String old = read();

    Administrator.advanceClock(pod, "31m");
    bdk = requests.start(config);
    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      requests.await(1, IS_READ.and(request -> !request.equals(old)));
      hears(bot, "Back again");

      assertThat(requests.made()).containsOnlyOnce(create);
    }
  }

  private void startPod(Home home, String timeToLive) {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s, datafeedTtl: %s}
        users:
          - {username: bot, accountType: SYSTEM}
          - {username: alice}
        rooms:
          - {name: Den, owners: [alice], members: [bot]}
        """.formatted(timeToLive));
  }

  private BdkConfig configuration() {
    BdkConfig config = Bots.certificateBot(pod);
    config.getDatafeed().setRetry(Bots.retryForEver());
    return config;
  }

  private Listening listeningWell() throws Exception {
    var bot = Listening.to(bdk.datafeed(), requests);
    hears(bot, "All is well");
    return bot;
  }

  private void hears(Listening bot, String words) throws Exception {
    Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Den", "message", words));
    assertThat(bot.hearsMessage("alice")).isEqualTo(words);
  }

  /** How the bot reads its feed. */
  private String read() {
    return requests.made().stream().filter(IS_READ).reduce((first, last) -> last).orElseThrow();
  }
}
