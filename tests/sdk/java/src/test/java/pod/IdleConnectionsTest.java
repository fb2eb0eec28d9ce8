package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.model.BdkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Load balancers and agents end connections that are idle; a bot takes them out of its pool and finds them dead. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class IdleConnectionsTest {

  private final Requests requests = new Requests();

  private Pod pod;
  private SymphonyBdk bdk;

  @BeforeEach
  void start(Home home) throws Exception {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s}
        users:
          - {username: bot, accountType: SYSTEM}
          - {username: alice}
        rooms:
          - {name: Den, owners: [alice], members: [bot]}
        """);
    BdkConfig config = Bots.certificateBot(pod);
    config.getDatafeed().setRetry(Bots.retryForEver());
    bdk = requests.start(config);
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void aBotCallsOnWhenItsIdleConnectionsHaveEnded() {
    String room = says("hello").get("streamId").asText();
    for (int time = 0; time < 3; time++) {
      assertThat(closeIdle()).isPositive();
      assertThat(bdk.sessions().getSession().getUsername()).isEqualTo("bot");
      assertThat(closeIdle()).isPositive();
      bdk.messages().send(room, "<messageML>" + time + "</messageML>");
    }

    List<Integer> sent = new ArrayList<>();
    Administrator.control(pod, "GET", "/_mock/requests?operation=create_message_v4")
        .get("requests")
        .forEach(request -> sent.add(request.get("status").asInt()));
    assertThat(sent).as("each was sent once").containsExactly(200, 200, 200);
  }

  @Test
  void aBotHearsOnWhenItsIdleConnectionsHaveEnded() throws Exception {
    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      for (String words : List.of("All is well", "Back again", "And again")) {
        says(words);
        assertThat(bot.hearsMessage("alice")).isEqualTo(words);
        // That of the read under way is not idle.
        closeIdle();
      }
    }
  }

  private JsonNode says(String words) {
    return Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Den", "message", words));
  }

  /** Gives how many there were. */
  private int closeIdle() {
    return Administrator.control(pod, "POST", "/_mock/connections/close").get("closed").asInt();
  }
}
