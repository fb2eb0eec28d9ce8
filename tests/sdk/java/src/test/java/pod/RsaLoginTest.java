package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pod.Requests.RSA_LOGIN;
import static pod.Requests.RSA_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.SESSION_INFO;

import com.symphony.bdk.core.auth.exception.AuthUnauthorizedException;
import com.symphony.bdk.core.config.model.BdkConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bot logs in with a token signed by its RSA key. */
@ExtendWith(PodExtension.class)
class RsaLoginTest {

  private final Requests requests = new Requests();

  @Test
  void aBotLogsInAndLearnsWhoItIs(Pod pod) throws Exception {
    var bdk = requests.start(Bots.rsaBot(pod));

    assertThat(requests.made()).containsExactly(RSA_LOGIN, RSA_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
    assertThat(bdk.botInfo().getUsername()).isEqualTo("bot");
  }

  @Test
  void aBotGetsAKeyManagerTokenOfItsOwn(Pod pod) throws Exception {
    var session = requests.start(Bots.rsaBot(pod)).botSession();

    assertThat(session.getKeyManagerToken()).isNotBlank().isNotEqualTo(session.getSessionToken());
  }

  @ParameterizedTest(name = "user {0}, key of {1}")
  @CsvSource({"stranger, stranger", "bot, stranger", "bot2, bot"})
  void aKeyThatIsNotTheUsersIsUnauthorizedAtOnce(String username, String keyOf, Pod pod) {
    BdkConfig impostor = Bots.rsaBot(pod, username, keyOf);

    assertThatThrownBy(() -> requests.start(impostor)).isInstanceOf(AuthUnauthorizedException.class);
    assertThat(requests.made()).containsExactly(RSA_LOGIN);
  }

  @Test
  void aBotComesBackByItselfAfterItsSessionWasEnded(Pod pod) throws Exception {
    var bdk = requests.start(Bots.rsaBot(pod));
    var ended = bdk.botSession().getSessionToken();
    Administrator.logOut(pod, "bot", ended);
    requests.forget();

    var me = bdk.sessions().getSession();

    assertThat(me.getUsername()).isEqualTo("bot");
    assertThat(bdk.botSession().getSessionToken()).isNotEqualTo(ended);
    assertThat(requests.made()).containsExactly(SESSION_INFO, RSA_LOGIN, RSA_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
  }
}
