package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static pod.Requests.CERTIFICATE_LOGIN;
import static pod.Requests.CERTIFICATE_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.SESSION_INFO;

import com.symphony.bdk.core.config.model.BdkConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A bot that shows the short-lived {@code authorizationToken} of its login where others show the session token. */
@ExtendWith(PodExtension.class)
class CommonJwtTest {

  private static final String RENEWAL = "POST /login/idm/tokens";

  private final Requests requests = new Requests();

  @Test
  void aBotShowsTheTokenOfItsLogin(Home home) throws Exception {
    try (Pod pod = podWithAccessTokens("5m", home)) {
      var bdk = requests.start(bot(pod));

      assertThat(bdk.botInfo().getUsername()).isEqualTo("bot");
      assertThat(bdk.botSession().getAuthorizationToken()).startsWith("Bearer ");
      assertThat(requests.made()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
    }
  }

  /** The BDK renews what has less than five seconds left, and shows the new token without the word Bearer. */
  @Test
  void aBotRenewsATokenThatIsAboutToExpire(Home home) throws Exception {
    try (Pod pod = podWithAccessTokens("4s", home)) {
      var bdk = requests.start(bot(pod));

      assertThat(bdk.botInfo().getUsername()).isEqualTo("bot");
      assertThat(bdk.botSession().getAuthorizationToken()).doesNotStartWith("Bearer ");
      assertThat(requests.made())
          .startsWith(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO, RENEWAL);
    }
  }

  private static BdkConfig bot(Pod pod) {
    BdkConfig config = Bots.certificateBot(pod);
    config.getCommonJwt().setEnabled(true);
    return config;
  }

  private static Pod podWithAccessTokens(String lifetime, Home home) {
    return home.start("""
        settings: {authorizationToken: true, accessTokenLifetime: %s}
        users: [{username: bot, accountType: SYSTEM}]
        """.formatted(lifetime));
  }
}
