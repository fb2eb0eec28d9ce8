package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.symphony.bdk.core.auth.exception.AuthInitializationException;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The backend of an extension app: it trusts the pod, the pod trusts it, both trust the user's browser. */
@ExtendWith(PodExtension.class)
class ExtensionAppTest {

  private final Requests requests = new Requests();

  enum App {
    BY_RSA(Bots::rsaApp, "POST /login/v1/pubkey/app/authenticate/extensionApp", "GET /pod/v1/podcert"),
    BY_CERTIFICATE(
        Bots::certificateApp,
        "POST /sessionauth/v1/authenticate/extensionApp",
        "GET /sessionauth/v1/app/pod/certificate");

    final Function<Pod, BdkConfig> configuration;
    final String login;
    final String podCertificate;

    App(Function<Pod, BdkConfig> configuration, String login, String podCertificate) {
      this.configuration = configuration;
      this.login = login;
      this.podCertificate = podCertificate;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theAppAndThePodExchangeTokens(App app, Pod pod) throws Exception {
    var authenticator = requests.start(app.configuration.apply(pod)).appAuthenticator();
    requests.forget();

    var session = authenticator.authenticateExtensionApp("token-of-the-app");

    assertThat(requests.made()).containsExactly(app.login);
    assertThat(session.getAppToken()).isEqualTo("token-of-the-app");
    assertThat(session.getSymphonyToken()).isNotBlank();
    assertThat(Instant.ofEpochMilli(session.expireAt()))
        .isAfter(Instant.now())
        .isBefore(Instant.now().plus(Duration.ofMinutes(5)));
    assertThat(authenticator.validateTokens("token-of-the-app", session.getSymphonyToken())).isTrue();
    assertThat(authenticator.validateTokens("token-of-the-app", "token-of-nobody")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void theAppLearnsFromThePodWhoItsUserIs(App app, Pod pod) throws Exception {
    var authenticator = requests.start(app.configuration.apply(pod)).appAuthenticator();
    requests.forget();

    var user = authenticator.validateJwt(Administrator.identityJwt(pod, "app", "alice"));

    assertThat(requests.made()).containsExactly(app.podCertificate);
    assertThat(user.getId()).isNotNull();
    assertThat(user.getDisplayName()).isEqualTo("Alice Adams");
    assertThat(user.getEmailAddress()).isEqualTo("alice@mock-pod.example");
  }

  @ParameterizedTest
  @EnumSource
  void whatThePodDidNotSignIsRefused(App app, Pod pod) throws Exception {
    var authenticator = requests.start(app.configuration.apply(pod)).appAuthenticator();
    String aboutAlice = Administrator.identityJwt(pod, "app", "alice");
    String aboutBob = Administrator.identityJwt(pod, "app", "bob");
    String forged = aboutAlice.substring(0, aboutAlice.lastIndexOf('.')) + aboutBob.substring(aboutBob.lastIndexOf('.'));

    assertThatThrownBy(() -> authenticator.validateJwt(forged)).isInstanceOf(AuthInitializationException.class);
  }
}
