package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pod.Requests.CERTIFICATE_LOGIN;
import static pod.Requests.CERTIFICATE_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.SESSION_INFO;

import com.symphony.bdk.core.auth.exception.AuthUnauthorizedException;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A bot logs in with a client certificate. */
@ExtendWith(PodExtension.class)
class CertificateLoginTest {

  private final Requests requests = new Requests();

  @Test
  void aBotLogsInAndLearnsWhoItIs(Pod pod) throws Exception {
    var bdk = requests.start(Bots.certificateBot(pod));

    assertThat(requests.made()).containsExactly(CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
    var me = bdk.botInfo();
    assertThat(me.getUsername()).isEqualTo("bot");
    assertThat(me.getDisplayName()).isNotBlank();
    assertThat(me.getId()).isNotNull();
  }

  @Test
  void aBotGetsAKeyManagerTokenOfItsOwn(Pod pod) throws Exception {
    var session = requests.start(Bots.certificateBot(pod)).botSession();

    assertThat(session.getKeyManagerToken()).isNotBlank().isNotEqualTo(session.getSessionToken());
  }

  @Test
  void everyLoginOpensASessionOfItsOwn(Pod pod) throws Exception {
    var first = requests.start(Bots.certificateBot(pod));
    var second = requests.start(Bots.certificateBot(pod));

    assertThat(first.botSession().getSessionToken()).isNotEqualTo(second.botSession().getSessionToken());
    assertThat(first.sessions().getSession().getId()).isEqualTo(second.sessions().getSession().getId());
  }

  @Test
  void certificateLoginsMayGoToThePortThatDemandsACertificate(Pod pod) throws Exception {
    BdkConfig config = Bots.certificateBot(pod);
    config.getSessionAuth().setPort(pod.mtlsPort());
    config.getKeyManager().setPort(pod.mtlsPort());

    assertThat(requests.start(config).botInfo().getUsername()).isEqualTo("bot");
  }

  @Test
  void aContextThatEndsInSlashesStillFindsThePod(Pod pod) throws Exception {
    BdkConfig config = Bots.certificateBot(pod);
    config.setContext("//");

    assertThat(requests.start(config).botInfo().getUsername()).isEqualTo("bot");
    assertThat(requests.made()).contains("POST //sessionauth/v1/authenticate", "GET //pod/v2/sessioninfo");
  }

  @Test
  void aCertificateWithAnUnknownNameIsUnauthorizedAtOnce(Pod pod) {
    BdkConfig stranger = Bots.certificateBot(pod, "stranger", pod.file("stranger.p12"));

    assertThatThrownBy(() -> requests.start(stranger)).isInstanceOf(AuthUnauthorizedException.class);
    assertThat(requests.made()).containsExactly(CERTIFICATE_LOGIN);
  }

  @Test
  void theNameInTheConfigurationDoesNotMatterOnlyTheCertificateDoes(Pod pod) throws Exception {
    BdkConfig misnamed = Bots.certificateBot(pod);
    misnamed.getBot().setUsername("stranger");

    assertThat(requests.start(misnamed).botInfo().getUsername()).isEqualTo("bot");
  }

  @Test
  void aCertificateOfAForeignAuthorityFailsInTls(Pod pod, @TempDir Path foreign) {
    Pod.makeCertificates(foreign, "--user", "bot");
    BdkConfig foreigner = Bots.certificateBot(pod, "bot", foreign.resolve("bot.p12"));

    assertThatThrownBy(() -> requests.start(foreigner))
        .hasRootCauseInstanceOf(SSLException.class)
        .hasStackTraceContaining("fatal alert");
  }

  @Test
  void aBotThatTrustsAnotherAuthorityRefusesThePod(Pod pod, @TempDir Path foreign) {
    Pod.makeCertificates(foreign, "--user", "bot");
    BdkConfig mistrustful = Bots.certificateBot(pod);
    mistrustful.getSsl().getTrustStore().setPath(foreign.resolve("truststore.p12").toString());

    assertThatThrownBy(() -> requests.start(mistrustful)).hasStackTraceContaining("PKIX path");
  }

  @Test
  void theDemandingPortRefusesBotsWithoutACertificateInTls(Pod pod) {
    BdkConfig config = Bots.certificateBot(pod);
    config.getPod().setPort(pod.mtlsPort());

    assertThatThrownBy(() -> requests.start(config))
        .hasRootCauseInstanceOf(SSLException.class)
        .hasStackTraceContaining("fatal alert");
  }

  @Test
  void aBotComesBackByItselfAfterItsSessionWasEnded(Pod pod) throws Exception {
    var bdk = requests.start(Bots.certificateBot(pod));
    var ended = bdk.botSession().getSessionToken();
    Administrator.logOut(pod, "bot", ended);
    requests.forget();

    var me = bdk.sessions().getSession();

    assertThat(me.getUsername()).isEqualTo("bot");
    assertThat(bdk.botSession().getSessionToken()).isNotEqualTo(ended);
    assertThat(requests.made())
        .containsExactly(SESSION_INFO, CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
  }

  @Test
  void theCertificatesInTheRepositoryAreThoseOfAPodWithoutFlags() throws Exception {
    try (Pod pod = Pod.start(Path.of("../../../certs"))) {
      assertThat(requests.start(Bots.certificateBot(pod)).botInfo().getUsername()).isEqualTo("bot");
    }
  }
}
