package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.activity.ActivityMatcher;
import com.symphony.bdk.core.activity.command.CommandContext;
import com.symphony.bdk.core.activity.form.FormReplyActivity;
import com.symphony.bdk.core.activity.form.FormReplyContext;
import com.symphony.bdk.core.activity.model.ActivityInfo;
import com.symphony.bdk.core.activity.model.ActivityType;
import com.symphony.bdk.core.service.message.MessageService;
import com.symphony.bdk.gen.api.model.V4MessageSent;
import com.symphony.bdk.gen.api.model.V4UserJoinedRoom;
import com.symphony.bdk.spring.annotation.Slash;
import com.symphony.bdk.spring.events.RealTimeEvent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** A bot as the documentation of the starter for Spring Boot writes one. */
@Tag("spring")
@ExtendWith(PodExtension.class)
@Timeout(60)
class SpringTest {

  @SpringBootApplication
  public static class BotApplication {}

  @Component
  public static class HelloCommand {

    @Autowired
    private MessageService messageService;

    @Slash("/hello")
    public void onHello(CommandContext context) {
      String name = context.getInitiator().getUser().getDisplayName();
      messageService.send(context.getStreamId(), "<messageML>Hello " + name + "!</messageML>");
    }

    @Slash("/echo {argument}")
    public void onEcho(CommandContext context, String argument) {
      messageService.send(context.getStreamId(), "Received argument: " + argument);
    }
  }

  @Component
  public static class GifForm extends FormReplyActivity<FormReplyContext> {

    @Autowired
    private MessageService messageService;

    @Slash("/gif")
    public void displayGifForm(CommandContext context) {
      messageService.send(context.getStreamId(), """
          <messageML>
            <form id="gif-category-form">
              <text-field name="category" placeholder="Category"/>
              <button name="submit" type="action">Submit</button>
            </form>
          </messageML>
          """);
    }

    @Override
    public ActivityMatcher<FormReplyContext> matcher() {
      return context -> "gif-category-form".equals(context.getFormId())
          && "submit".equals(context.getFormValue("action"));
    }

    @Override
    public void onActivity(FormReplyContext context) {
      messageService.send(context.getStreamId(), "Gif category is " + context.getFormValue("category"));
    }

    @Override
    protected ActivityInfo info() {
      return new ActivityInfo().type(ActivityType.FORM).name("Gif form");
    }
  }

  @Component
  public static class Greeter {

    @Autowired
    private MessageService messageService;

    @EventListener
    public void onUserJoined(RealTimeEvent<? extends V4UserJoinedRoom> event) {
      String name = event.getSource().getAffectedUser().getDisplayName();
      messageService.send(event.getSource().getStream(), "Welcome " + name);
    }
  }

  private final Requests requests = new Requests();

  private Pod pod;
  private SymphonyBdk stranger;
  private Long bot;
  private ConfigurableApplicationContext application;

  @BeforeEach
  void start(Home home) throws Exception {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s}
        users:
          - {username: bot, accountType: SYSTEM, displayName: Spring Bot}
          - {username: stranger, accountType: SYSTEM}
          - {username: alice, displayName: Alice Adams}
          - {username: bob, displayName: Bob Brown}
        rooms:
          - {name: Den, owners: [stranger], members: [bot, alice]}
        """);
    stranger = requests.start(Bots.certificateBot(pod, "stranger", pod.file("stranger.p12")));
    // The application takes up the feed it is left, and misses nothing before it has one.
    var before = new Requests().start(Bots.certificateBot(pod));
    bot = before.botInfo().getId();
    Administrator.createDatafeed(pod, before.botSession().getSessionToken());
    application = SpringApplication.run(
        BotApplication.class,
        "--spring.main.banner-mode=off",
        "--bdk.host=localhost",
        "--bdk.port=" + pod.port(),
        "--bdk.ssl.trustStore.path=" + pod.file("truststore.p12"),
        "--bdk.ssl.trustStore.password=" + Pod.PASSWORD,
        "--bdk.bot.username=bot",
        "--bdk.bot.certificate.path=" + pod.file("bot.p12"),
        "--bdk.bot.certificate.password=" + Pod.PASSWORD);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (application != null) {
      application.close();
    }
    pod.close();
  }

  @Test
  void aSpringBotAnswersCommandsFormsAndEvents() throws Exception {
    try (var audience = Listening.to(stranger.datafeed(), requests)) {
      mention("/hello");
      assertThat(audience.hearsMessage("alice")).isEqualTo("@Spring Bot /hello");
      assertThat(audience.hearsMessage("bot")).isEqualTo("Hello Alice Adams!");

      mention("/echo twice");
      assertThat(audience.hearsMessage("alice")).isEqualTo("@Spring Bot /echo twice");
      assertThat(audience.hearsMessage("bot")).isEqualTo("Received argument: twice");

      mention("/gif");
      audience.hearsMessage("alice");
      String form = audience.hears(V4MessageSent.class, "bot").getMessage().getMessageId();
      Administrator.asPerson(
          pod, "alice", "forms", Map.of("message", form, "button", "submit", "values", Map.of("category", "cats")));
      assertThat(audience.hearsMessage("bot")).isEqualTo("Gif category is cats");

      var bob = stranger.users().listUsersByUsernames(List.of("bob")).get(0).getId();
      var room = application.getBean(MessageService.class).getMessage(form).getStream().getStreamId();
      stranger.streams().addMemberToRoom(bob, room);
      assertThat(audience.hearsMessage("bot")).isEqualTo("Welcome Bob Brown");
    }
  }

  private void mention(String command) {
    String message = "<messageML><mention uid=\"" + bot + "\"/> " + command + "</messageML>";
    Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Den", "message", message));
  }
}
