package canteen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import symphony.mockpod.Fault;
import symphony.mockpod.FaultPlan;
import symphony.mockpod.MockPod;
import symphony.mockpod.Person;
import symphony.mockpod.Request;
import symphony.mockpod.RequestFilter;
import symphony.mockpod.Scenario;
import symphony.mockpod.SymphonyPod;

/** The whole bot: it runs as it would in production, and the pod is its own in each test. */
@SymphonyPod
@Scenario("canteen.json")
@Timeout(60)
class CanteenBotTest {

  private static final String SENT = "create_message_v4";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private MockPod pod;
  private Person dora;
  private CanteenBot bot;
  private Thread atWork;

  /** Dora is in the canteen, where the bot is at work. */
  @BeforeEach
  void open(MockPod pod) throws Exception {
    this.pod = pod;
    dora = pod.user("dora");
    bot = new CanteenBot(pod.bot("canteen-bot").withApp("canteen-app").bdkConfig());
    atWork = new Thread(() -> {
      try {
        bot.run();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    });
    atWork.start();
    pod.listening("canteen-bot", null, PATIENCE);
  }

  @AfterEach
  void close() throws InterruptedException {
    if (atWork != null) {
      bot.stop();
      // Its read of the feed comes back with this.
      dora.send("Canteen", "closing time");
      atWork.join();
    }
  }

  @Test
  void itSaysHello() {
    dora.send("Canteen", "/hello");

    assertEquals("<messageML>Hello <b>Dora Diaz</b>!</messageML>", words(answer(1)));
  }

  @Test
  void itTakesAnOrder() {
    dora.send("Canteen", "@canteen-bot /menu");
    Request menu = answer(1);

    dora.submitForm(menu, "order", "send", Map.of("dish", "soup", "wish", "no salt"));

    assertEquals("<messageML>Ordered: soup, no salt</messageML>", words(answer(2)));
  }

  @Test
  void itSendsTheCardAsAnAttachment() {
    dora.send("Canteen", "@canteen-bot /card");

    assertEquals("Soup 3.50\nStew 5.00\n", answer(1).parts().get("attachment"));
  }

  @Test
  void itSpeaksInSomebodysName() throws Exception {
    String canteen = dora.send("Canteen", "hello").streamId();

    bot.wishFor("dora", canteen, "stew");

    Request sent = pod.expect(SENT).user("dora").count(1).verify().last();
    assertEquals("<messageML>I would like stew</messageML>", words(sent));
  }

  @Test
  void itLogsInAgainWhenItsSessionIsTooOld() {
    pod.clock().advance("15d");
    pod.expect("pubkey_authenticate").user("canteen-bot").count(2).within(PATIENCE).verify();
    pod.listening("canteen-bot");

    dora.send("Canteen", "/hello");

    assertTrue(words(answer(1)).contains("Hello"));
  }

  @Test
  void itAnswersWhomItShouldOnly() {
    dora.send("Canteen", "/menu");
    dora.send("Canteen", "/hello");

    assertTrue(words(answer(1)).contains("Hello"));
  }

  @Test
  void itLogsInAgainWhenItsSessionEnds() {
    pod.faults().pack("session-expired");
    pod.expect("pubkey_authenticate").user("canteen-bot").count(2).within(PATIENCE).verify();

    dora.send("Canteen", "/hello");

    assertTrue(words(answer(1)).contains("Hello"));
  }

  @Test
  void itSurvivesTheLossOfItsFeed() {
    pod.faults().pack("feed-expired");
    pod.expect("datafeeds_create_v5").user("canteen-bot").count(2).within(PATIENCE).verify();

    dora.send("Canteen", "/hello");

    assertTrue(words(answer(1)).contains("Hello"));
  }

  @Test
  void itTriesAgainWhenThePodIsOverloaded() {
    try (Fault overload = pod.faults().inject(FaultPlan.on(SENT).status(503).times(1).name("overload"))) {
      dora.send("Canteen", "/hello");
      assertTrue(words(answer(1)).contains("Hello"));
    }

    var refused = pod.requests(RequestFilter.operation(SENT).status(503));
    assertEquals(1, refused.size());
    assertEquals("overload", refused.last().fault().orElseThrow());
  }

  /** What the bot sent last, when it has sent so many messages. */
  private Request answer(int count) {
    return pod.expect(SENT).user("canteen-bot").status(200).count(count).within(PATIENCE).verify().last();
  }

  private static String words(Request sent) {
    return sent.parts().get("message");
  }
}
