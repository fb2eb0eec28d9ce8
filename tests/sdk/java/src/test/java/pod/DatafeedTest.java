package pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.service.datafeed.DatafeedLoop;
import com.symphony.bdk.core.service.datafeed.RealTimeEventListener;
import com.symphony.bdk.gen.api.model.V3RoomAttributes;
import com.symphony.bdk.gen.api.model.V4Initiator;
import com.symphony.bdk.gen.api.model.V4UserJoinedRoom;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A bot takes up the feed it left. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class DatafeedTest {

  private static final String CREATE = "POST /agent/v5/datafeeds";
  private static final String LIST = "GET /agent/v5/datafeeds";

  private final Requests requests = new Requests();
  private final BlockingQueue<String> rooms = new LinkedBlockingQueue<>();

  private Pod pod;
  private SymphonyBdk host;
  private int made;

  /** A read under way delays the end of a loop: with this setting a second at most. */
  @BeforeEach
  void startPod(Home home) throws Exception {
    pod = home.start("""
        settings: {datafeedLongPoll: 1s}
        users:
          - {username: bot, accountType: SYSTEM}
          - {username: stranger, accountType: SYSTEM}
        """);
    host = new Requests().start(Bots.certificateBot(pod, "stranger", pod.file("stranger.p12")));
  }

  @AfterEach
  void stopPod() throws InterruptedException {
    pod.close();
  }

  @Test
  void aBotTakesUpTheFeedItLeft() throws Exception {
    comesBackTo(Bots.certificateBot(pod));
  }

  @Test
  void aBotTakesUpTheFeedWithItsTag() throws Exception {
    BdkConfig config = Bots.certificateBot(pod);
    Method setTag = method(config.getDatafeed(), "setTag");
    assumeTrue(setTag != null, "this release knows no tags");
    setTag.invoke(config.getDatafeed(), "my-feed");

    comesBackTo(config);

    assertThat(requests.made()).contains("POST /agent/v5/datafeeds/my-feed/read");
  }

  private void comesBackTo(BdkConfig config) throws Exception {
    var bdk = requests.start(config);
    var loop = listen(bdk);
    letInUntilHeard(bdk, loop);
    end(bdk, loop);
    assertThat(requests.made()).contains(LIST, CREATE);

    rooms.clear();
    letIn(bdk);
    requests.forget();
    bdk = requests.start(config);
    loop = listen(bdk);
    while (!("Room " + made).equals(rooms.poll(30, TimeUnit.SECONDS))) {
      assertThat(loop.isAlive()).isTrue();
    }
    end(bdk, loop);
    assertThat(requests.made()).contains(LIST).doesNotContain(CREATE);
  }

  private static Method method(Object object, String name) {
    return Arrays.stream(object.getClass().getMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private Thread listen(SymphonyBdk bdk) {
    bdk.datafeed().subscribe(new RealTimeEventListener() {
      @Override
      public void onUserJoinedRoom(V4Initiator initiator, V4UserJoinedRoom event) {
        rooms.add(event.getStream().getRoomName());
      }
    });
    DatafeedLoop datafeed = bdk.datafeed();
    Thread loop = new Thread(() -> {
      try {
        datafeed.start();
      } catch (Exception failure) {
        throw new IllegalStateException("the loop ended", failure);
      }
    });
    loop.start();
    return loop;
  }

  private void end(SymphonyBdk bdk, Thread loop) throws InterruptedException {
    assertThat(loop.isAlive()).as("the loop runs until it is told to stop").isTrue();
    bdk.datafeed().stop();
    loop.join();
  }

  /** What happens before the bot has its feed it does not hear. */
  private void letInUntilHeard(SymphonyBdk bdk, Thread loop) {
    rooms.clear();
    while (rooms.isEmpty()) {
      assertThat(loop.isAlive()).isTrue();
      letIn(bdk);
    }
  }

  private void letIn(SymphonyBdk bdk) {
    made += 1;
    var room = host.streams().create(new V3RoomAttributes().name("Room " + made).description("A room"));
    host.streams().addMemberToRoom(bdk.botInfo().getId(), room.getRoomSystemInfo().getId());
  }
}
