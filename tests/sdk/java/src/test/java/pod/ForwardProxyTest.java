package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.symphony.bdk.core.config.BdkConfigLoader;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.config.model.BdkProxyConfig;
import com.symphony.bdk.gen.api.model.V4MessageSent;
import com.symphony.bdk.http.api.ApiException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bot behind a forward proxy that demands credentials (finos/symphony-bdk-java 3). */
@ExtendWith(PodExtension.class)
@Timeout(60)
class ForwardProxyTest {

  private final Requests requests = new Requests();

  @TempDir
  Path folder;

  private Pod pod;

  @BeforeEach
  void start(Home home) {
    String certs = home.folder().toString();
    pod = Pod.start(home.folder(), "--certs", certs, "--proxy", "127.0.0.1:0", "--proxy-user", "ada:p:w");
    Administrator.control(pod, "/_mock/scenario", Map.of("settings", Map.of("datafeedLongPoll", "1s")));
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"certificate", "rsa"})
  void aBotLogsInListensAndAnswersThroughTheProxy(String login) throws Exception {
    pod.makeConfiguration(folder, "--login", login, "--proxy", "ada:p:w@" + pod.proxy());
    var bdk = requests.start(BdkConfigLoader.loadFromFile(folder.resolve("java-bdk.yaml").toString()));
    try (var bot = Listening.to(bdk.datafeed(), requests)) {
      Administrator.asPerson(pod, "alice", "messages", Map.of("stream", "Test Room", "message", "hello bot"));
      String room = bot.hears(V4MessageSent.class, "alice").getMessage().getStream().getStreamId();
      bdk.messages().send(room, "<messageML>hello alice</messageML>");
    }

    List<JsonNode> made = journal().stream().filter(entry -> !entry.get("method").asText().equals("CONNECT")).toList();
    assertThat(made).extracting(entry -> entry.get("operation").asText())
        .contains("datafeeds_read_v5", "create_message_v4");
    assertThat(made).allSatisfy(entry -> {
      assertThat(entry.get("status").asInt()).isBetween(200, 201);
      JsonNode tunnel = entry.path("tunnel");
      assertThat(tunnel.path("target").asText()).as("it went around").isEqualTo("localhost:" + pod.port());
      assertThat(tunnel.path("user").asText()).isEqualTo("ada");
    });
  }

  @ParameterizedTest
  @CsvSource({
      ",, no Proxy-Authorization came",
      "ada, lovelace, his password is another",
      "bob, p:w, does not know the user",
  })
  void withoutTheRightCredentialsNoBotGetsThrough(String name, String password, String why) {
    BdkConfig config = Bots.certificateBot(pod);
    BdkProxyConfig proxy = new BdkProxyConfig();
    String[] address = pod.proxy().split(":");
    proxy.setHost(address[0]);
    proxy.setPort(Integer.parseInt(address[1]));
    proxy.setUsername(name);
    proxy.setPassword(password);
    config.setProxy(proxy);

    // It takes the proxy's answer for one of the pod's.
    assertThatThrownBy(() -> requests.start(config)).rootCause().isInstanceOfSatisfying(ApiException.class, refused -> {
      assertThat(refused.getCode()).isEqualTo(407);
      assertThat(refused).hasMessageContaining(why);
    });

    assertThat(journal()).isNotEmpty().allSatisfy(entry -> assertThat(entry.get("status").asInt()).isEqualTo(407));
  }

  private List<JsonNode> journal() {
    JsonNode told = Administrator.control(pod, "GET", "/_mock/requests");
    return StreamSupport.stream(told.get("requests").spliterator(), false).toList();
  }
}
