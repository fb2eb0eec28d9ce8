package symphony.mockpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs, against a pod. */
@NeedsPod
@ExtendWith(MockPodExtension.class)
class MockPodTest {

  private static final String FORM = """
      <messageML><form id="order" multi-submit="reset"><text-field name="dish"/><button type="action" name="send">Order</button></form>
      </messageML>""";

  @Test
  void theClockIsMoved(MockPod pod) {
    Instant start = pod.clock().freeze();

    assertThat(pod.clock().isFrozen()).isTrue();
    assertThat(pod.clock().now()).isEqualTo(start);
    assertThat(pod.clock().advance(Duration.ofMinutes(90))).isEqualTo(start.plusSeconds(5400));
    assertThat(pod.clock().advance("1d")).isEqualTo(start.plusSeconds(5400 + 86_400));
    Instant moment = Instant.parse("2030-01-31T12:00:00Z");
    assertThat(pod.clock().set(moment)).isEqualTo(moment);
    assertThat(pod.clock().run()).isAfterOrEqualTo(moment);
    assertThat(pod.clock().isFrozen()).isFalse();
    assertThatThrownBy(() -> pod.clock().advance(Duration.ofSeconds(-1))).hasMessageContaining("negative");
  }

  @Test
  void peopleTalk(MockPod pod) {
    Client bot = Client.of(pod);
    Person alice = pod.user("alice");

    SentMessage hello = alice.send("Test Room", "hello");
    SentMessage reply = pod.user("bob").reply("Test Room", hello, "hello yourself");
    SentMessage forwarded = alice.forward("Test Room", reply, "see");

    assertThat(said(bot, hello)).contains("hello");
    assertThat(said(bot, reply)).contains("hello yourself");
    assertThat(said(bot, forwarded)).contains("see", reply.messageId());
    assertThat(reply.sent()).isAfterOrEqualTo(hello.sent());
  }

  @Test
  void aMessageOfABotIsReadAndItsFormFilledIn(MockPod pod) {
    Client bot = Client.of(pod);
    String room = pod.user("alice").send("Test Room", "hello").streamId();
    bot.send(room, FORM);
    Request sent = pod.expect("create_message_v4").verify().last();
    String feed = feed(bot);

    pod.user("alice").receive(sent);
    pod.user("alice").read(MessageRef.of(sent.messageId()));
    pod.user("alice").submitForm(sent, Map.of("dish", "soup"));
    pod.user("bob").submitForm(sent, "send", Map.of("dish", "stew"));
    pod.user("bob").submitForm(sent, "order", "send", Map.of("dish", "salad"));

    assertThat(bot.post("/agent/v5/datafeeds/" + feed + "/read", "{}").body())
        .contains("soup", "stew", "salad", "SYMPHONYELEMENTSACTION");
    assertThat(bot.get("/agent/v1/message/" + sent.messageId()).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> pod.user("alice").submitForm(sent, "cancel", Map.of()))
        .isInstanceOf(ControlException.class);
  }

  @Test
  void peopleEditComeAndGo(MockPod pod) {
    pod.merge("rooms: [{name: Square, public: true, owners: [bob], members: [bot]}]");
    Client bot = Client.of(pod);
    Person alice = pod.user("alice");
    SentMessage hello = alice.send("Test Room", "hello");

    assertThat(said(bot, alice.edit(hello, "good day"))).contains("good day");
    assertThatThrownBy(() -> alice.send("Square", "too early")).isInstanceOf(ControlException.class);
    alice.join("Square");
    assertThat(said(bot, alice.send("Square", "here I am"))).contains("here I am");
    alice.leave("Square");
    assertThatThrownBy(() -> alice.send("Square", "too late")).isInstanceOf(ControlException.class);
    Person bob = pod.user("bob");
    bob.invite("Square", "alice");
    alice.suppress(alice.send("Square", "back again"));
    assertThat(alice.messages("Square")).extracting(SeenMessage::text).doesNotContain("back again");
    bob.removeMember("Square", "alice");
    assertThatThrownBy(() -> alice.send("Square", "sent away")).isInstanceOf(ControlException.class);
  }

  @Test
  void warningsOfPoliciesAreIgnored(MockPod pod) {
    pod.merge("""
        dlpDictionaries: [{ name: Clients, terms: [Acme Ltd] }]
        dlpPolicies: [{ name: Client names, appliesTo: [{ action: Warn, dictionaries: [Clients] }] }]
        """);
    Person alice = pod.user("alice");

    assertThatThrownBy(() -> alice.send("Test Room", "Acme Ltd buys")).hasMessageContaining("Client names");
    SentMessage sent = alice.send("Test Room", Wording.typed("Acme Ltd buys").ignoringWarnings());
    alice.edit(sent, Wording.typed("Acme Ltd sells").ignoringWarnings());
    assertThat(alice.messages("Test Room")).extracting(SeenMessage::text).contains("Acme Ltd sells");
  }

  @Test
  void aPodIsADocument(MockPod pod) {
    assertThat(pod.scenario().get("rooms")).extracting(room -> room.get("name").asText()).contains("Test Room");

    pod.load("users: [{username: zoe}]\nrooms: [{name: Den, owners: [zoe]}]");
    pod.user("zoe").send("Den", "hello");
    assertThatThrownBy(() -> pod.user("alice").send("Den", "hello")).isInstanceOf(ControlException.class);

    pod.merge("{\"users\": [{\"username\": \"yan\"}], \"rooms\": [{\"name\": \"Attic\", \"owners\": [\"yan\"]}]}");
    pod.user("zoe").send("Den", "hello again");
    pod.user("yan").send("Attic", "hello");
  }

  @Test
  void somebodyAsksToBeLetIn(MockPod pod) {
    pod.merge("rooms: [{name: Club, public: true, owners: [bot]}]");
    Client bot = Client.of(pod);
    String feed = feed(bot);

    pod.user("alice").requestToJoin("Club");

    assertThat(bot.post("/agent/v5/datafeeds/" + feed + "/read", "{}").body())
        .contains("USERREQUESTEDTOJOINROOM", "alice");
  }

  @Test
  void peopleConnect(MockPod pod) {
    Person carol = pod.user("carol");

    assertThat(carol.connect("bot")).isFalse();
    assertThatThrownBy(() -> carol.connect("bot", Person.Connection.ACCEPT)).isInstanceOf(ControlException.class);
    assertThat(pod.user("bot").connect("carol", Person.Connection.ACCEPT)).isTrue();
    assertThat(carol.connect("bot", Person.Connection.REMOVE)).isFalse();
  }

  @Test
  void whatIsSaidToABotThatListensIsHeardAfterARecoveryToo(MockPod pod) {
    Client bot = Client.of(pod);
    Duration patience = Duration.ofSeconds(20);

    String first = feed(bot);
    var reading = CompletableFuture.supplyAsync(() -> read(bot, first));
    assertThat(pod.listening("bot", null, patience)).isEqualTo(first);
    pod.user("alice").send("Test Room", "one");
    assertThat(reading.join()).contains("one");

    pod.loseFeed(first);
    String second = feed(bot);
    reading = CompletableFuture.supplyAsync(() -> read(bot, second));
    assertThat(pod.listening("bot", first, patience)).isEqualTo(second);
    pod.user("alice").send("Test Room", "two");
    assertThat(reading.join()).contains("two");

    assertThatThrownBy(() -> pod.listening("bot2", null, Duration.ofMillis(1)))
        .isInstanceOf(AssertionError.class).hasMessageContaining("has no feed");
    assertThatThrownBy(() -> pod.listening("alice"))
        .isInstanceOf(ControlException.class).hasMessageContaining("is a person");
  }

  private static String read(Client bot, String feed) {
    return bot.post("/agent/v5/datafeeds/" + feed + "/read", "{\"ackId\": \"\"}").body();
  }

  @Test
  void theControlPortSaysWhatIsWrong(MockPod pod) {
    assertThatThrownBy(() -> pod.user("nobody").send("Test Room", "hello"))
        .isInstanceOfSatisfying(ControlException.class, error -> assertThat(error.status()).isEqualTo(404));
    assertThatThrownBy(() -> pod.user("alice").send("No Room", "hello"))
        .isInstanceOfSatisfying(ControlException.class, error -> {
          assertThat(error.field()).contains("stream");
          assertThat(error).hasMessageContaining("No Room");
        });
  }

  @Test
  void callsGoWrongUntilTheFaultEnds(MockPod pod) {
    Client bot = Client.of(pod);

    try (Fault fault = pod.faults().inject(FaultPlan.on("sessioninfo_*").user("bot").status(503).name("overload"))) {
      assertThat(bot.me()).isEqualTo(503);
      assertThat(pod.requests().last().fault()).contains("overload");
      assertThat(pod.faults().active()).hasSize(1);
      assertThat(fault.document().get("name").asText()).isEqualTo("overload");
    }

    assertThat(bot.me()).isEqualTo(200);
    assertThat(pod.faults().active()).isEmpty();
  }

  @Test
  void faultsAreCounted(MockPod pod) {
    Client bot = Client.of(pod);
    pod.faults().inject(FaultPlan.on("sessioninfo_v2").nth(2).times(1).status(429).retryAfter(Duration.ofSeconds(7)));

    assertThat(bot.me()).isEqualTo(200);
    var refused = bot.get("/pod/v2/sessioninfo");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("retry-after")).contains("7");
    assertThat(bot.me()).isEqualTo(200);
  }

  /** The pod takes every field that a plan has a method for. */
  @Test
  void allThatAPlanSaysIsUnderstood(MockPod pod) {
    Duration second = Duration.ofSeconds(1);
    Faults faults = pod.faults();
    faults.inject(FaultPlan.on().probability(0.5).inARow(2).hang());
    faults.inject(FaultPlan.on("sessioninfo_v2").status(500).body(Map.of("code", 1)).headers(Map.of("x-a", "b")));
    faults.inject(FaultPlan.on("sessioninfo_v2").delay(second));
    faults.inject(FaultPlan.on("sessioninfo_v2").reset());
    faults.inject(FaultPlan.on("sessioninfo_v2").cutBody());
    faults.inject(FaultPlan.on("sessioninfo_v2").malformedJson());
    faults.inject(FaultPlan.on("sessioninfo_v2").contentType("text/html"));
    faults.inject(FaultPlan.on("sessioninfo_v2").expireSession());
    faults.inject(FaultPlan.on("datafeeds_read_v5").loseFeed());
    faults.inject(FaultPlan.on("datafeeds_read_v5").duplicateEvents());
    faults.inject(FaultPlan.on("datafeeds_read_v5").reorderEvents());
    faults.inject(FaultPlan.on("datafeeds_read_v5").withholdEvents(2));
    faults.inject(FaultPlan.on("datafeeds_read_v5").withholdEvents(second));
    faults.inject(FaultPlan.on("sessioninfo_v2").addFields(Map.of("a", 1)).setFields(Map.of("b", "c")));
    faults.inject(FaultPlan.on().addEvents(Arrays.asList(null, Map.of("type", "NEW"))));
    faults.inject(FaultPlan.on().unhealthy("pod", "ceservice"));
    faults.inject(FaultPlan.on().user("somebody").strict(false).reset());
    assertThat(faults.active()).hasSize(17);

    faults.clear();

    assertThat(faults.active()).isEmpty();
  }

  @Test
  void answersAndEventsAreThoseOfAnotherPod(MockPod pod) throws IOException {
    Client bot = Client.of(pod);
    String feed = feed(bot);
    Map<String, String> event = Map.of("type", "SOMETHINGNEW");

    pod.faults().inject(FaultPlan.on("datafeeds_read_v5").addEvents(List.of(event)).times(1));
    JsonNode read = Control.JSON.readTree(bot.post("/agent/v5/datafeeds/" + feed + "/read", "{}").body());
    pod.faults().inject(FaultPlan.on("sessioninfo_v2").addFields(Map.of("new", true)).setFields(Map.of("username", "x")));
    JsonNode me = Control.JSON.readTree(bot.get("/pod/v2/sessioninfo").body());
    pod.faults().inject(FaultPlan.on().unhealthy("datafeed"));
    var health = bot.get("/agent/v3/health/extended");

    assertThat(read.at("/events/0/type").asText()).isEqualTo("SOMETHINGNEW");
    assertThat(me.get("new").asBoolean()).isTrue();
    assertThat(me.get("username").asText()).isEqualTo("x");
    assertThat(health.statusCode()).isEqualTo(503);
    assertThat(Control.JSON.readTree(health.body()).at("/services/datafeed/status").asText()).isEqualTo("DOWN");
  }

  @Test
  void faultsBeginAndEndTogether(MockPod pod) {
    Client bot = Client.of(pod);
    FaultPlan feeds = FaultPlan.on("datafeeds_*").status(500).and(FaultPlan.pack("rate-limited").operations("streams_list_v1"));

    try (Fault fault = pod.faults().inject(FaultPlan.on("sessioninfo_v2").user("bot").status(503).and(feeds))) {
      assertThat(bot.me()).isEqualTo(503);
      assertThat(bot.get("/agent/v5/datafeeds").statusCode()).isEqualTo(500);
      assertThat(bot.post("/pod/v1/streams/list", "{}").statusCode()).isEqualTo(429);
    }

    assertThat(bot.me()).isEqualTo(200);
    assertThat(bot.get("/agent/v5/datafeeds").statusCode()).isEqualTo(200);
    assertThat(bot.post("/pod/v1/streams/list", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void idleConnectionsAreClosedAndABotMakesOthers(MockPod pod) {
    Client bot = Client.of(pod);

    assertThat(pod.closeIdleConnections()).isEqualTo(1);
    assertThat(pod.closeIdleConnections()).isZero();
    assertThat(bot.me()).isEqualTo(200);
  }

  @Test
  void packsGoByTheirNames(MockPod pod) {
    assertThat(pod.faults().packs()).extracting(pack -> pack.get("pack").asText()).contains("feed-expired");
    Client bot = Client.of(pod);
    String feed = feed(bot);
    pod.faults().pack("feed-expired");

    assertThat(bot.post("/agent/v5/datafeeds/" + feed + "/read", "{}").statusCode()).isEqualTo(400);
    assertThatThrownBy(() -> pod.faults().inject(FaultPlan.pack("feed-exploded"))).hasMessageContaining("feed-expired");
  }

  @Test
  void aPodGoesBack(MockPod pod) {
    Client bot = Client.of(pod);
    SentMessage before = pod.user("alice").send("Test Room", "before");
    Snapshot snapshot = pod.snapshot();
    SentMessage after = pod.user("alice").send("Test Room", "after");
    try (MockPod copy = snapshot.pod("copy-" + pod.name().orElseThrow());
        MockPod fork = pod.fork("fork-" + pod.name().orElseThrow())) {
      assertThat(status(Client.of(copy), after)).isEqualTo(204);
      assertThat(status(Client.of(copy), before)).isEqualTo(200);
      assertThat(status(Client.of(fork), after)).isEqualTo(200);
    }

    snapshot.restore();

    assertThat(status(bot, before)).isEqualTo(200);
    assertThat(status(bot, after)).isEqualTo(204);
    assertThat(pod.snapshots()).extracting(Snapshot::name).containsExactly(snapshot.name());
    assertThat(pod.snapshot("mine").name()).isEqualTo("mine");
    pod.reset();
    assertThat(status(Client.of(pod), before)).isEqualTo(204);
  }

  @Test
  void snapshotsAreForgotten(MockPod pod) {
    Snapshot snapshot = pod.snapshot();
    snapshot.delete();

    assertThat(pod.snapshots()).isEmpty();
    assertThatThrownBy(() -> pod.restore(snapshot))
        .isInstanceOfSatisfying(ControlException.class, error -> assertThat(error.status()).isEqualTo(404));
  }

  @Test
  void appsAreToldWhoTheirUserIs(MockPod pod) {
    assertThat(pod.identityJwt("app", "alice").split("\\.")).hasSize(3);
  }

  @Test
  void peopleFollowAndSubscribe(MockPod pod) {
    Person alice = pod.user("alice");
    Person bob = pod.user("bob");
    bob.follow("alice");
    assertThat(pod.scenario().get("follows").get(0).get("follower").asText()).isEqualTo("bob");
    bob.unfollow("alice");
    assertThat(pod.scenario().has("follows")).isFalse();

    String signal = alice.createSignal("Gold", "HASHTAG:gold", true);
    bob.subscribe(signal);
    MessageRef said = alice.send("Test Room", "up again #gold");
    assertThat(bob.shownBySignal(signal)).containsExactly(said.messageId());
    assertThatThrownBy(() -> bob.unsubscribe(signal)).hasMessageContaining("company-wide");
    assertThatThrownBy(() -> bob.subscribe("nonsense")).isInstanceOf(ControlException.class);
  }

  @Test
  void searchesByMeaningFindWhatTheTestSays(MockPod pod) {
    Person alice = pod.user("alice");
    MessageRef lunch = alice.send("Test Room", "lunch is ready");
    MessageRef tea = alice.send("Test Room", "tea time");
    assertThat(alice.searchByMeaning("lunch")).containsExactly(lunch.messageId());
    pod.planSemanticSearch("lunch", tea);
    assertThat(alice.searchByMeaning("lunch")).containsExactly(tea.messageId());
    pod.forgetSemanticSearches();
    assertThat(alice.searchByMeaning("lunch")).containsExactly(lunch.messageId());
  }

  @Test
  void theAuditTrailTellsWhatAnAdministratorDid(MockPod pod) {
    assertThat(pod.audit("Room Deactivated", "alice", "bob", Map.of("scope", "Internal"))).isEqualTo("roomDeactivated");
    var entry = pod.scenario().get("auditTrail").get(0);
    assertThat(entry.get("initiator").asText()).isEqualTo("alice");
    assertThat(entry.get("details").get("scope").asText()).isEqualTo("Internal");
    assertThatThrownBy(() -> pod.audit("Room Deactivated", "nobody", null, Map.of())).isInstanceOf(ControlException.class);
  }

  @Test
  void aPartnerHasATokenThatIsGood(MockPod pod) {
    String token = pod.partnerToken("term inal");
    assertThat(token.split("\\.")).hasSize(3);
    assertThat(pod.scenario().get("communityConnect").get("partners").get(0).get("name").asText()).isEqualTo("term inal");
  }

  @Test
  void otherSystemsAreHeard(MockPod pod) {
    Client bot = Client.of(pod);
    String feed = feed(bot);

    pod.systemEvent("Test Room", "weather", "rain", Map.of("mm", "3"));

    assertThat(bot.post("/agent/v5/datafeeds/" + feed + "/read", "{}").body()).contains("weather", "rain");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBotsConfigurationIsTheBdks(boolean certificate, MockPod pod) {
    Bot bot = certificate ? pod.bot("bot").withCertificate() : pod.bot("bot");

    var config = bot.withApp("app").with("datafeed", Map.of("version", "v1")).bdkConfig();

    assertThat(config.getHost()).isEqualTo("localhost");
    assertThat(config.getPort()).isEqualTo(pod.port());
    assertThat(config.getContext()).isEqualTo(pod.context());
    assertThat(config.getBot().getUsername()).isEqualTo("bot");
    assertThat(config.getBot().isCertificateAuthenticationConfigured()).isEqualTo(certificate);
    assertThat(config.getBot().isRsaAuthenticationConfigured()).isNotEqualTo(certificate);
    assertThat(config.getApp().getAppId()).isEqualTo("app");
    assertThat(config.getRetry().getMaxAttempts()).isEqualTo(3);
    assertThat(config.getDatafeed().getVersion()).isEqualTo("v1");
    assertThat(config.getSsl().getTrustStore().getPath()).isEqualTo(pod.trustStore().toString());
  }

  @Test
  void aBotsConfigurationIsThatOfSpring(MockPod pod) {
    assertThat(pod.bot("bot").springProperties())
        .containsEntry("bdk.port", pod.port())
        .containsEntry("bdk.bot.username", "bot")
        .containsEntry("bdk.bot.privateKey.path", pod.bot("bot").privateKey().toString())
        .containsEntry("bdk.datafeed.retry.maxAttempts", -1);
  }

  private static String feed(Client bot) {
    try {
      JsonNode made = Control.JSON.readTree(bot.post("/agent/v5/datafeeds", "{}").body());
      return made.get("id").asText();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static String said(Client bot, MessageRef message) {
    return bot.get("/agent/v1/message/" + message.messageId()).body();
  }

  private static int status(Client bot, MessageRef message) {
    return bot.get("/agent/v1/message/" + message.messageId()).statusCode();
  }
}
