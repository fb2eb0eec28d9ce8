package canteen;

import static com.symphony.bdk.core.activity.command.SlashCommand.slash;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.auth.exception.AuthUnauthorizedException;
import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.service.message.model.Message;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;

/** Says hello to whoever says it, and takes orders. */
public final class CanteenBot {

  private static final String MENU = """
      <messageML>
        <form id="order">
          <select name="dish" required="true"><option value="soup">Soup</option><option value="stew">Stew</option></select>
          <text-field name="wish" placeholder="Anything else?"/>
          <button type="action" name="send">Order</button>
        </form>
      </messageML>""";

  private final SymphonyBdk bdk;

  public CanteenBot(BdkConfig config) throws Exception {
    bdk = new SymphonyBdk(config);
    bdk.activities().register(slash("/hello", false, context -> bdk.messages().send(
        context.getStreamId(),
        "<messageML>Hello <b>" + context.getInitiator().getUser().getDisplayName() + "</b>!</messageML>")));
    bdk.activities().register(slash("/menu", true, context -> bdk.messages().send(context.getStreamId(), MENU)));
    bdk.activities().register(slash("/card", true, context -> bdk.messages().send(context.getStreamId(), card())));
    bdk.activities().register(new Orders(bdk.messages()));
  }

  /** The menu on paper. */
  private static Message card() {
    byte[] soup = "Soup 3.50\nStew 5.00\n".getBytes(StandardCharsets.UTF_8);
    return Message.builder()
        .content("<messageML>The card</messageML>")
        .addAttachment(new ByteArrayInputStream(soup), "card.txt")
        .build();
  }

  /** Says what somebody would like to eat, in the name of that person, who has the canteen's app. */
  public void wishFor(String username, String stream, String dish) throws AuthUnauthorizedException {
    bdk.obo(bdk.obo(username)).messages().send(stream, "<messageML>I would like " + dish + "</messageML>");
  }

  /** Answers until it is stopped. */
  public void run() throws Exception {
    bdk.datafeed().start();
  }

  public void stop() {
    bdk.datafeed().stop();
  }

  public static void main(String[] arguments) throws Exception {
    new CanteenBot(BdkConfigLoader.loadFromFile(arguments[0])).run();
  }
}
