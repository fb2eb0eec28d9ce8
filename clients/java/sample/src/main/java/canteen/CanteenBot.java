package canteen;

import static com.symphony.bdk.core.activity.command.SlashCommand.slash;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.core.config.model.BdkConfig;

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
    bdk.activities().register(new Orders(bdk.messages()));
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
