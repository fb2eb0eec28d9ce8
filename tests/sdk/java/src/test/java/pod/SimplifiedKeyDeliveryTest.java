package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static pod.Requests.CERTIFICATE_LOGIN;
import static pod.Requests.CERTIFICATE_LOGIN_TO_KEY_MANAGER;
import static pod.Requests.SESSION_INFO;

import com.symphony.bdk.core.config.model.BdkConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Pods that deliver keys the simple way say so in the session token; a bot then skips the key manager if its agent is new
 * enough. An agent that is configured apart from the pod is asked for its version, another is taken to be new.
 */
@Tag("since-3")
@ExtendWith(PodExtension.class)
class SimplifiedKeyDeliveryTest {

  private static final String AGENT_INFO = "GET /agent/v1/info";

  private final Requests requests = new Requests();

  @Test
  void aBotDoesWithoutTheKeyManager(Home home) throws Exception {
    try (Pod pod = podWithAgent("Agent-24.11.9-1-Linux-mock", home)) {
      var bdk = requests.start(Bots.certificateBot(pod));

      assertThat(bdk.botSession().getKeyManagerToken()).isNull();
      assertThat(requests.made()).containsExactly(CERTIFICATE_LOGIN, SESSION_INFO);
    }
  }

  @Test
  void aBotWithANewAgentDoesWithoutTheKeyManager(Home home) throws Exception {
    try (Pod pod = podWithAgent("Agent-24.12.0-1-Linux-mock", home)) {
      var bdk = requests.start(botWithAgentApart(pod));

      assertThat(bdk.botSession().getKeyManagerToken()).isNull();
      assertThat(requests.made()).containsExactly(CERTIFICATE_LOGIN, AGENT_INFO, SESSION_INFO);
    }
  }

  @Test
  void aBotWithAnOlderAgentStillLogsInToTheKeyManager(Home home) throws Exception {
    try (Pod pod = podWithAgent("Agent-24.11.9-1-Linux-mock", home)) {
      var bdk = requests.start(botWithAgentApart(pod));

      assertThat(bdk.botSession().getKeyManagerToken()).isNotBlank();
      assertThat(requests.made())
          .containsExactly(CERTIFICATE_LOGIN, AGENT_INFO, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO);
    }
  }

  private static BdkConfig botWithAgentApart(Pod pod) {
    BdkConfig config = Bots.certificateBot(pod);
    config.getAgent().setPort(pod.port());
    return config;
  }

  private static Pod podWithAgent(String version, Home home) {
    return home.start("""
        pod: {agentVersion: %s}
        settings: {simplifiedKeyDelivery: true}
        users: [{username: bot, accountType: SYSTEM}]
        """.formatted(version));
  }
}
