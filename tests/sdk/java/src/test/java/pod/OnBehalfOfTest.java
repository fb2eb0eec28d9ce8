package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.symphony.bdk.core.auth.exception.AuthUnauthorizedException;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.http.api.ApiRuntimeException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An app acts for people who have it, however it logs in itself. */
@ExtendWith(PodExtension.class)
class OnBehalfOfTest {

  private final Requests requests = new Requests();

  enum App {
    BY_RSA(Bots::rsaApp, "POST /login/pubkey/app"),
    BY_CERTIFICATE(Bots::certificateApp, "POST /sessionauth/v1/app");

    final Function<Pod, BdkConfig> configuration;
    final String logins;

    App(Function<Pod, BdkConfig> configuration, String logins) {
      this.configuration = configuration;
      this.logins = logins;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAppActsForAUserByName(App app, Pod pod) throws Exception {
    var bdk = requests.start(app.configuration.apply(pod));
    requests.forget();

    var session = bdk.obo("alice");

    assertThat(requests.made())
        .containsExactly(app.logins + "/authenticate", app.logins + "/username/alice/authenticate");
    assertThat(session.getKeyManagerToken()).isNull();
    assertThat(bdk.obo(session).sessions().getSession().getUsername()).isEqualTo("alice");
  }

  @ParameterizedTest
  @EnumSource
  void anAppActsForAUserById(App app, Pod pod) throws Exception {
    var bdk = requests.start(app.configuration.apply(pod));
    var alice = bdk.obo(bdk.obo("alice")).sessions().getSession().getId();
    requests.forget();

    var session = bdk.obo(alice);

    assertThat(requests.made())
        .containsExactly(app.logins + "/authenticate", app.logins + "/user/" + alice + "/authenticate");
    assertThat(bdk.obo(session).sessions().getSession().getUsername()).isEqualTo("alice");
  }

  @ParameterizedTest
  @EnumSource
  void anAppComesBackByItselfAfterItsSessionForAUserWasEnded(App app, Pod pod) throws Exception {
    var bdk = requests.start(app.configuration.apply(pod));
    var session = bdk.obo("alice");
    var ended = session.getSessionToken();
    Administrator.logOut(pod, "app", ended);
    requests.forget();

    var me = bdk.obo(session).sessions().getSession();

    assertThat(me.getUsername()).isEqualTo("alice");
    assertThat(session.getSessionToken()).isNotEqualTo(ended);
    // The services of an OBO session build HTTP clients of their own, so only the login passes by here.
    assertThat(requests.made())
        .containsExactly(app.logins + "/authenticate", app.logins + "/username/alice/authenticate");
  }

  @Test
  void byRsaAnUnknownUserIsUnauthorizedAtOnce(Pod pod) throws Exception {
    var bdk = requests.start(Bots.rsaApp(pod));
    requests.forget();

    assertThatThrownBy(() -> bdk.obo("nobody")).isInstanceOf(AuthUnauthorizedException.class);
    assertThat(requests.made())
        .containsExactly("POST /login/pubkey/app/authenticate", "POST /login/pubkey/app/username/nobody/authenticate");
  }

  @Test
  void byCertificateAnUnknownUserIsNotFoundAtOnce(Pod pod) throws Exception {
    var bdk = requests.start(Bots.certificateApp(pod));
    requests.forget();

    assertThatThrownBy(() -> bdk.obo("nobody"))
        .isInstanceOfSatisfying(ApiRuntimeException.class, refusal -> assertThat(refusal.getCode()).isEqualTo(404));
    assertThat(requests.made())
        .containsExactly(
            "POST /sessionauth/v1/app/authenticate", "POST /sessionauth/v1/app/username/nobody/authenticate");
  }
}
