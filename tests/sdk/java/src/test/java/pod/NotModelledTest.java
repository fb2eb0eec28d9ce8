package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.symphony.bdk.core.client.ApiClientFactory;
import com.symphony.bdk.core.retry.RetryWithRecovery;
import com.symphony.bdk.core.retry.RetryWithRecoveryBuilder;
import com.symphony.bdk.gen.api.InfoBarriersApi;
import com.symphony.bdk.http.api.ApiRuntimeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operation that the pod does not model is asked for once: the BDK repeats what ends in 429 and above 500. */
@ExtendWith(PodExtension.class)
class NotModelledTest {

  @Test
  void whatIsNotModelledIsAskedForOnce(Pod pod) throws Exception {
    var config = Bots.certificateBot(pod);
    var session = new Requests().start(config).botSession();
    var client = new ApiClientFactory(config).getPodClient();
    var barriers = new InfoBarriersApi(client);
    // As services of the BDK do, of which none asks for what is not modelled.
    var retry = new RetryWithRecoveryBuilder<>().retryConfig(config.getRetry());

    assertThatThrownBy(() -> RetryWithRecovery.executeAndRetry(
            retry, "policies", client.getBasePath(), () -> barriers.v1AdminPolicyListGet(session.getSessionToken())))
        .isInstanceOfSatisfying(ApiRuntimeException.class, refusal -> {
          assertThat(refusal.getCode()).isEqualTo(405);
          assertThat(refusal.getResponseBody()).contains("GET /pod/v1/admin/policy/list");
        });

    List<Integer> asked = new ArrayList<>();
    Administrator.control(pod, "GET", "/_mock/requests").get("requests").forEach(request -> {
      if (request.path("operation").asText().equals("admin_policy_list_v1")) {
        asked.add(request.get("status").asInt());
      }
    });
    assertThat(asked).containsExactly(405);
  }
}
