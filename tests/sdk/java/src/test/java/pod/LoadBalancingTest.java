package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.gen.api.model.V3RoomAttributes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bot with a host for each part of the API and two agents, over which the BDK balances its calls. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class LoadBalancingTest {

  private static final List<String> HOSTS = List.of("session-auth", "key-manager", "pod", "agent-1", "agent-2");

  @TempDir
  Path folder;

  private Pod pod;
  private SymphonyBdk bdk;
  private String room;

  @BeforeEach
  void start(Home home) {
    String certificates = home.folder().toString();
    pod = Pod.start(home.folder(), "--certs", certificates, "--listen", "session-auth,key-manager,pod,agent,agent");
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void eachPartIsCalledOnItsHost() throws Exception {
    start("roundRobin", "--no-stickiness");
    say(2);

    assertThat(listeners("session_authenticate_v1")).containsOnly("session-auth");
    assertThat(listeners("key_manager_authenticate_v1")).containsOnly("key-manager");
    assertThat(listeners("room_create_v3")).containsOnly("pod");
    assertThat(listeners("create_message_v4")).containsExactlyInAnyOrder("agent-1", "agent-2");
  }

  /** Each call goes to the next agent, by the list or as the load balancer in front of both says. */
  @ParameterizedTest
  @ValueSource(strings = {"roundRobin", "external"})
  void oneAgentDownTheOtherGoesOn(String mode) throws Exception {
    start(mode, "--no-stickiness");
    say(2);
    assertThat(listeners("create_message_v4")).containsExactlyInAnyOrder("agent-1", "agent-2");

    String outage = Administrator.control(pod, "/_mock/faults", Map.of("pack", "one-agent-down", "listener", "agent-2"))
        .get("id").asText();
    say(4);
    assertThat(listeners("create_message_v4").subList(2, 6)).containsOnly("agent-1");

    Administrator.control(pod, "DELETE", "/_mock/faults/" + outage);
    say(2);
    assertThat(listeners("create_message_v4").subList(6, 8)).containsExactlyInAnyOrder("agent-1", "agent-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"roundRobin", "random", "external"})
  void aStickyBotStaysWithItsAgent(String mode) throws Exception {
    start(mode);
    say(6);

    assertThat(listeners("create_message_v4")).hasSize(6);
    assertThat(listeners("create_message_v4").stream().distinct()).hasSize(1);
  }

  private void start(String mode, String... more) throws Exception {
    Stream<String> hosts = HOSTS.stream()
        .map(host -> "--listen=" + host.replaceAll("-[12]$", "") + "@" + pod.port(host));
    Stream<String> flags = Stream.concat(Stream.of("--load-balancing", mode), Stream.of(more));
    pod.makeConfiguration(folder, Stream.concat(hosts, flags).toArray(String[]::new));
    bdk = new Requests().start(BdkConfigLoader.loadFromFile(folder.resolve("java-bdk.yaml").toString()));
    room = bdk.streams().create(new V3RoomAttributes().name("Den").description("A room")).getRoomSystemInfo().getId();
  }

  private void say(int times) {
    for (int time = 0; time < times; time++) {
      bdk.messages().send(room, "<messageML>Hello</messageML>");
    }
  }

  /** The listeners that good calls of an operation came to, in their order. */
  private List<String> listeners(String operation) {
    List<String> names = new ArrayList<>();
    Administrator.control(pod, "GET", "/_mock/requests?status=2xx&operation=" + operation)
        .get("requests")
        .forEach(request -> names.add(request.get("listener").asText()));
    return names;
  }
}
