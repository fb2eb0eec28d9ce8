package pod;

import static java.util.stream.Collectors.toMap;

import com.symphony.bdk.core.SymphonyBdk;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import pod.EveryMethod.Broken;

/** Every method of every service of the BDK is answered. */
@ExtendWith(PodExtension.class)
@Timeout(120)
class EveryMethodTest {

  private static final String RELEASE = System.getProperty("bdk.release");

  /**
   * Releases from 3.1.0 on generate their client with the parameters in the order of the API file, and three methods of
   * SignalService still pass them in the order of before: the id as the key manager's token, and that as the id.
   */
  private static final Map<String, Broken> BROKEN = RELEASE.startsWith("2.") ? Map.of() : Stream.of(
          "signals.getSignal(String)",
          "signals.listAllSubscribers(String)",
          "signals.listAllSubscribers(String, StreamPaginationAttribute)",
          "signals.listSubscribers(String)",
          "signals.listSubscribers(String, PaginationAttribute)",
          "signals.unsubscribeUsersFromSignal(String, List)")
      .collect(toMap(name -> name, name -> new Broken("ApiRuntimeException", "passes the key manager's token as the id")));

  @Test
  void ofABot(Home home) throws Exception {
    try (Pod pod = EveryMethod.pod(home, "bot")) {
      var bdk = new Requests().start(Bots.certificateBot(pod));
      bdk.botSession().getKeyManagerToken();

      EveryMethod.on(pod, "bot", bdk.botSession())
          .call(EveryMethod.servicesOf(bdk), BROKEN)
          .conclude("symphony-bdk-java " + RELEASE + ", a bot");
    }
  }

  @Test
  void onBehalfOfAUser(Home home) throws Exception {
    try (Pod pod = EveryMethod.pod(home, "alice")) {
      var bdk = new Requests().start(Bots.certificateApp(pod));
      var alice = bdk.obo("alice");

      EveryMethod.on(pod, "alice", alice)
          .call(EveryMethod.servicesOf(bdk.obo(alice)), BROKEN)
          .conclude("symphony-bdk-java " + RELEASE + ", an app on behalf of a user");
    }
  }

  @Test
  void ofABotOnBehalfOfAUser(Home home) throws Exception {
    try (Pod pod = EveryMethod.pod(home, "alice")) {
      var bdk = new Requests().start(Bots.botWithApp(pod));
      var alice = bdk.obo("alice");

      EveryMethod.on(pod, "alice", alice)
          .call(EveryMethod.servicesOf(EveryMethod.servicesOf(bdk), alice), BROKEN)
          .conclude("symphony-bdk-java " + RELEASE + ", a bot's services on behalf of a user");
    }
  }

  @Test
  @Tag("since-3")
  void ofAnExtensionApp(Home home) throws Exception {
    try (Pod pod = EveryMethod.pod(home, "alice")) {
      var bdk = new Requests().start(Bots.certificateApp(pod));
      Object services = SymphonyBdk.class.getMethod("app").invoke(bdk);

      EveryMethod.on(pod, "alice", bdk.obo("alice"))
          .call(EveryMethod.servicesOf(services), BROKEN)
          .conclude("symphony-bdk-java " + RELEASE + ", an extension app");
    }
  }
}
