package pod;

import static com.symphony.bdk.core.activity.command.SlashCommand.slash;
import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.activity.ActivityMatcher;
import com.symphony.bdk.core.activity.command.HelpCommand;
import com.symphony.bdk.core.activity.form.FormReplyActivity;
import com.symphony.bdk.core.activity.form.FormReplyContext;
import com.symphony.bdk.core.activity.model.ActivityInfo;
import com.symphony.bdk.core.activity.model.ActivityType;
import com.symphony.bdk.core.activity.room.UserJoinedRoomActivity;
import com.symphony.bdk.core.activity.room.UserJoinedRoomContext;
import com.symphony.bdk.core.service.datafeed.RealTimeEventListener;
import com.symphony.bdk.core.service.message.MessageService;
import com.symphony.bdk.gen.api.model.V4Initiator;
import com.symphony.bdk.gen.api.model.V4MessageSent;
import com.symphony.bdk.gen.api.model.V4SymphonyElementsAction;
import com.symphony.bdk.gen.api.model.V4UserJoinedRoom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bots as the documentation of the BDK writes them: they answer commands and forms, and each other. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class ActivitiesTest {

  private static final String MENU = """
      <messageML>
        <form id="order" multi-submit="no-reset">
          <text-field name="dish" required="true" placeholder="Dish"/>
          <select name="drink"><option value="tea">Tea</option><option value="water">Water</option></select>
          <button type="action" name="send">Order</button>
          <button type="action" name="forget">Forget it</button>
        </form>
      </messageML>
      """;

  private final Requests requests = new Requests();
  private final Requests hostRequests = new Requests();

  private Pod pod;
  private SymphonyBdk bdk;
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
          - {username: bob}
        rooms:
          - {name: Canteen, owners: [stranger], members: [bot, alice]}
        """);
    bdk = requests.start(Bots.certificateBot(pod));
    host = hostRequests.start(Bots.certificateBot(pod, "stranger", pod.file("stranger.p12")));
    room = Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Canteen", "message", "Here I am"))
        .get("streamId")
        .asText();
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void aBotAnswersACommand() throws Exception {
    bdk.activities().register(slash("/hello", context -> {
      String name = context.getInitiator().getUser().getDisplayName();
      bdk.messages().send(context.getStreamId(), "<messageML>Hello " + name + "!</messageML>");
    }));

    try (var audience = audience(); var bot = bot()) {
      say("/hello");
      mention("/hello again");
      say("@bot /hello");

      assertThat(audience.hearsMessage("alice")).isEqualTo("/hello");
      assertThat(audience.hearsMessage("alice")).isEqualTo("@Order Bot /hello again");
      assertThat(audience.hearsMessage("alice")).isEqualTo("@Order Bot /hello");
      assertThat(audience.hearsMessage("bot")).isEqualTo("Hello Alice Adams!");
    }
  }

  @Test
  void aCommandHasArgumentsTagsAndMentionsAmongThem() throws Exception {
    bdk.activities().register(slash("/buy {$stock} {number} {@for} {#why}", context -> {
      var arguments = context.getArguments();
      String order = "%s %s for %s: %s".formatted(
          arguments.getString("number"),
          arguments.getCashtag("stock").getValue(),
          arguments.getMention("for").getUserDisplayName(),
          arguments.getHashtag("why").getValue());
      bdk.messages().send(context.getStreamId(), order);
    }));

    try (var audience = audience(); var bot = bot()) {
      mention("/buy $ibm 12 @Alice Adams #dip");

      assertThat(audience.hearsMessage("alice")).isEqualTo("@Order Bot /buy $ibm 12 @Alice Adams #dip");
      assertThat(audience.hearsMessage("bot")).isEqualTo("12 ibm for Alice Adams: dip");
    }
  }

  @Test
  void aBotListsItsCommands() throws Exception {
    bdk.activities().register(slash("/hello", false, context -> {}, "Says hello"));
    bdk.activities().register(new HelpCommand(bdk.activities(), bdk.messages()));

    try (var audience = audience(); var bot = bot()) {
      mention("/help");

      audience.hearsMessage("alice");
      assertThat(audience.hearsMessage("bot"))
          .contains("/hello - Says hello (mention not required)")
          .contains("/help - List available commands (mention required)");
    }
  }

  /** Takes the orders that come with the form. */
  static class Orders extends FormReplyActivity<FormReplyContext> {

    private final MessageService messages;

    Orders(MessageService messages) {
      this.messages = messages;
    }

    @Override
    public ActivityMatcher<FormReplyContext> matcher() {
      return context -> "order".equals(context.getFormId()) && "send".equals(context.getFormValue("action"));
    }

    @Override
    public void onActivity(FormReplyContext context) {
      String order = context.getFormValue("dish") + " and " + context.getFormValue("drink");
      String name = context.getInitiator().getUser().getDisplayName();
      messages.send(context.getSourceEvent().getStream(), order + " for " + name);
    }

    @Override
    protected ActivityInfo info() {
      return new ActivityInfo().type(ActivityType.FORM).name("Orders");
    }
  }

  @Test
  void aBotShowsAFormAndTakesTheAnswer() throws Exception {
    bdk.activities().register(slash("/menu", context -> bdk.messages().send(context.getStreamId(), MENU)));
    bdk.activities().register(new Orders(bdk.messages()));

    try (var audience = audience(); var bot = bot()) {
      mention("/menu");
      audience.hearsMessage("alice");
      String form = audience.hears(V4MessageSent.class, "bot").getMessage().getMessageId();

      click(form, "forget");
      click(form, "send");

      assertThat(bot.hears(V4MessageSent.class, "alice").getMessage().getMessage()).contains("/menu");
      for (String button : List.of("forget", "send")) {
        var action = bot.hears(V4SymphonyElementsAction.class, "alice");
        assertThat(action.getFormMessageId()).isEqualTo(form);
        assertThat(action.getFormValues()).isEqualTo(Map.of("dish", "soup", "drink", "tea", "action", button));
      }
      assertThat(audience.hearsMessage("bot")).isEqualTo("soup and tea for Alice Adams");
    }
  }

  @Test
  void aBotWelcomesWhoJoins() throws Exception {
    bdk.activities().register(new UserJoinedRoomActivity<>() {
      @Override
      protected ActivityMatcher<UserJoinedRoomContext> matcher() {
        return context -> true;
      }

      @Override
      protected void onActivity(UserJoinedRoomContext context) {
        String welcome = "<messageML>Welcome <mention uid=\"" + context.getUserId() + "\"/></messageML>";
        bdk.messages().send(context.getRoomId(), welcome);
      }

      @Override
      protected ActivityInfo info() {
        return new ActivityInfo().type(ActivityType.USER_JOINED_ROOM).name("Welcome");
      }
    });
    Long bob = host.users().listUsersByUsernames(List.of("bob")).get(0).getId();

    try (var audience = audience(); var bot = bot()) {
      host.streams().addMemberToRoom(bob, room);

      assertThat(audience.hearsMessage("bot")).isEqualTo("Welcome @bob");
      assertThat(bot.hears(V4UserJoinedRoom.class, "stranger").getAffectedUser().getUserId()).isEqualTo(bob);
    }
  }

  @Test
  void twoBotsHearEachOtherAndNotThemselves() throws Exception {
    bdk.datafeed().subscribe(new RealTimeEventListener() {
      @Override
      public void onMessageSent(V4Initiator initiator, V4MessageSent event) {
        String name = initiator.getUser().getUsername();
        bdk.messages().send(event.getMessage().getStream(), "Yes, " + name + "?");
      }
    });

    try (var audience = audience(); var bot = bot()) {
      for (String words : List.of("Anybody there?", "Again")) {
        host.messages().send(room, words);

        assertThat(bot.hearsMessage("stranger")).isEqualTo(words);
        assertThat(audience.hearsMessage("bot")).isEqualTo("Yes, stranger?");
      }
      assertThat(audience.hearsNothingMore()).isTrue();
      assertThat(bot.hearsNothingMore()).isTrue();
    }
  }

  private Listening audience() throws InterruptedException {
    return Listening.to(host.datafeed(), hostRequests);
  }

  private Listening bot() throws InterruptedException {
    return Listening.to(bdk.datafeed(), requests);
  }

  /** What alice types to the bot. */
  private void mention(String command) {
    say("@Order Bot " + command);
  }

  private void say(String message) {
    Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Canteen", "message", message));
  }

  private void click(String form, String button) {
    var values = Map.of("dish", "soup", "drink", "tea");
    Administrator.asPerson(
        pod, "alice", "forms", Map.of("message", form, "form", "order", "button", button, "values", values));
  }
}
