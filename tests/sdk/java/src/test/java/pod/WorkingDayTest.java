package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.service.datafeed.DatafeedLoop;
import com.symphony.bdk.core.service.message.model.Message;
import com.symphony.bdk.gen.api.model.V3RoomAttributes;
import com.symphony.bdk.gen.api.model.V4MessageSent;
import com.symphony.bdk.gen.api.model.V4RoomDeactivated;
import com.symphony.bdk.gen.api.model.V4RoomMemberDemotedFromOwner;
import com.symphony.bdk.gen.api.model.V4RoomMemberPromotedToOwner;
import com.symphony.bdk.gen.api.model.V4RoomReactivated;
import com.symphony.bdk.gen.api.model.V4RoomUpdated;
import com.symphony.bdk.gen.api.model.V4UserJoinedRoom;
import com.symphony.bdk.gen.api.model.V4UserLeftRoom;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens around a bot on a working day, and that it hears of it, on whichever feed it listens. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class WorkingDayTest {

  private final Requests requests = new Requests();

  private Pod pod;
  private SymphonyBdk host;
  private String room;

  @BeforeEach
  void start(Home home) throws Exception {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s}
        users:
          - {username: bot, accountType: SYSTEM, displayName: Order Bot}
          - {username: stranger, accountType: SYSTEM}
          - {username: alice, displayName: Alice Adams}
        apps: [{id: app}]
        """);
    host = new Requests().start(Bots.certificateBot(pod, "stranger", pod.file("stranger.p12")));
    room = host.streams().create(attributes("Den")).getRoomSystemInfo().getId();
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void aBotFollowsARoomThroughItsLife() throws Exception {
    var bdk = requests.start(Bots.certificateBot(pod));
    Long me = bdk.botInfo().getId();
    Long alice = idOfAlice();
    var rooms = host.streams();

    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      letIn(bdk, bot);

      rooms.addMemberToRoom(alice, room);
      assertThat(bot.hears(V4UserJoinedRoom.class, "stranger").getAffectedUser().getUserId()).isEqualTo(alice);

      rooms.updateRoom(room, attributes("Lair").readOnly(true));
      var properties = bot.hears(V4RoomUpdated.class, "stranger").getNewRoomProperties();
      assertThat(properties.getName()).isEqualTo("Lair");
      assertThat(properties.getReadOnly()).isTrue();
      assertThat(bdk.streams().getRoomInfo(room).getRoomAttributes().getName()).isEqualTo("Lair");

      rooms.promoteUserToRoomOwner(me, room);
      assertThat(bot.hears(V4RoomMemberPromotedToOwner.class, "stranger").getAffectedUser().getUserId()).isEqualTo(me);

      rooms.demoteUserToRoomParticipant(me, room);
      assertThat(bot.hears(V4RoomMemberDemotedFromOwner.class, "stranger").getAffectedUser().getUserId()).isEqualTo(me);

      assertThat(rooms.setRoomActive(room, false).getRoomSystemInfo().getActive()).isFalse();
      assertThat(bot.hears(V4RoomDeactivated.class, "stranger").getStream().getStreamId()).isEqualTo(room);

      assertThat(rooms.setRoomActive(room, true).getRoomSystemInfo().getActive()).isTrue();
      assertThat(bot.hears(V4RoomReactivated.class, "stranger").getStream().getStreamId()).isEqualTo(room);

      rooms.removeMemberFromRoom(alice, room);
      assertThat(bot.hears(V4UserLeftRoom.class, "stranger").getAffectedUser().getUserId()).isEqualTo(alice);
      assertThat(bot.hearsNothingMore()).isTrue();
    }
  }

  @Test
  void aBotDownloadsTheFilesItWasSent() throws Exception {
    // Longer than any buffer a pod or an SDK might have, and every byte in it.
    byte[] figures = new byte[256 * 700];
    for (int index = 0; index < figures.length; index++) {
      figures[index] = (byte) index;
    }
    byte[] notes = "Read me".getBytes(StandardCharsets.UTF_8);
    var bdk = requests.start(Bots.certificateBot(pod));

    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      letIn(bdk, bot);
      host.messages().send(room, Message.builder()
          .content("<messageML>Here</messageML>")
          .addAttachment(new ByteArrayInputStream(figures), "figures.bin")
          .addAttachment(new ByteArrayInputStream(notes), "notes.txt")
          .build());

      var message = bot.hears(V4MessageSent.class, "stranger").getMessage();
      var files = message.getAttachments();
      assertThat(files).extracting("name").containsExactly("figures.bin", "notes.txt");
      assertThat(files).extracting("size").containsExactly((long) figures.length, (long) notes.length);
      var contents = List.of(figures, notes);
      for (int index = 0; index < contents.size(); index++) {
        byte[] body = bdk.messages().getAttachment(room, message.getMessageId(), files.get(index).getId());
        assertThat(Base64.getDecoder().decode(body)).isEqualTo(contents.get(index));
      }
    }
  }

  enum App {
    BY_RSA(Bots::rsaApp),
    BY_CERTIFICATE(Bots::certificateApp);

    final Function<Pod, BdkConfig> configuration;

    App(Function<Pod, BdkConfig> configuration) {
      this.configuration = configuration;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBotHearsWhatAnAppSaysForAPerson(App app) throws Exception {
    var bdk = requests.start(Bots.certificateBot(pod));
    var appBdk = new Requests().start(app.configuration.apply(pod));

    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      letIn(bdk, bot);
      host.streams().addMemberToRoom(idOfAlice(), room);
      bot.hears(V4UserJoinedRoom.class, "stranger");

      var sent = appBdk.obo(appBdk.obo("alice")).messages().send(room, "Hello from my app");

      assertThat(sent.getUser().getUsername()).isEqualTo("alice");
      assertThat(bot.hearsMessage("alice")).isEqualTo("Hello from my app");
      var author = bdk.messages().getMessage(sent.getMessageId()).getUser();
      assertThat(author.getUserId()).isEqualTo(idOfAlice());
      assertThat(author.getDisplayName()).isEqualTo("Alice Adams");
    }
  }

  enum Feed {
    DATAFEED_1(SymphonyBdk::datafeed, "POST /agent/v4/datafeed/create", (config, folder) -> {
      config.getDatafeed().setVersion("v1");
      config.getDatafeed().setIdFilePath(folder.resolve("datafeed.id").toString());
    }),
    DATAFEED_2(SymphonyBdk::datafeed, "POST /agent/v5/datafeeds", (config, folder) -> {}),
    DATAHOSE(SymphonyBdk::datahose, "POST /agent/v5/events/read", (config, folder) -> {
      config.getDatahose().setTag("all");
      config.getDatahose().setEventTypes(List.of("MESSAGESENT", "USERJOINEDROOM"));
    });

    final Function<SymphonyBdk, DatafeedLoop> loop;
    final String first;
    final BiConsumer<BdkConfig, Path> settings;

    Feed(Function<SymphonyBdk, DatafeedLoop> loop, String first, BiConsumer<BdkConfig, Path> settings) {
      this.loop = loop;
      this.first = first;
      this.settings = settings;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBotTalksOnEveryFeed(Feed feed, @TempDir Path folder) throws Exception {
    var config = Bots.certificateBot(pod);
    feed.settings.accept(config, folder);
    var bdk = requests.start(config);

    try (var bot = Listening.to(feed.loop.apply(bdk), requests)) {
      letIn(bdk, bot);
      for (String words : List.of("One", "Two", "Three")) {
        host.messages().send(room, words);
        assertThat(bot.hearsMessage("stranger")).isEqualTo(words);
        bdk.messages().send(room, words + " indeed");
      }
      assertThat(bot.hearsNothingMore()).isTrue();
    }

    assertThat(requests.made()).contains(feed.first);
  }

  private void letIn(SymphonyBdk bdk, Listening bot) throws InterruptedException {
    host.streams().addMemberToRoom(bdk.botInfo().getId(), room);
    var joined = bot.hears(V4UserJoinedRoom.class, "stranger");
    assertThat(joined.getAffectedUser().getUserId()).isEqualTo(bdk.botInfo().getId());
    assertThat(joined.getStream().getStreamId()).isEqualTo(room);
  }

  private Long idOfAlice() {
    return host.users().listUsersByUsernames(List.of("alice")).get(0).getId();
  }

  private static V3RoomAttributes attributes(String name) {
    return new V3RoomAttributes().name(name).description("Where we meet");
  }
}
