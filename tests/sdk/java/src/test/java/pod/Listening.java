package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.service.datafeed.DatafeedLoop;
import com.symphony.bdk.core.service.datafeed.DatahoseLoop;
import com.symphony.bdk.core.service.datafeed.RealTimeEventListener;
import com.symphony.bdk.core.service.message.exception.PresentationMLParserException;
import com.symphony.bdk.core.service.message.util.PresentationMLParser;
import com.symphony.bdk.gen.api.model.V4Initiator;
import com.symphony.bdk.gen.api.model.V4MessageSent;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A bot listens, from the moment it has its feed until this is closed. Keeps what it hears until a test asks for it. */
final class Listening implements AutoCloseable {

  /** What happened, and the name of who did it. */
  private record Heard(String by, Object event) {}

  /** Stands among what was heard when the loop has ended. */
  private static final Heard END = new Heard("nobody", "the loop ended before it was told to");

  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  private final DatafeedLoop loop;
  private final Thread thread;

  private volatile Throwable death;

  private Listening(DatafeedLoop loop) {
    this.loop = loop;
    this.thread = new Thread(this::listen);
  }

  /** Starts to listen, on the feed whose requests are noted in {@code requests} too. */
  static Listening to(DatafeedLoop loop, Requests requests) throws InterruptedException {
    requests.forget();
    Listening listening = new Listening(loop);
    loop.subscribe(listening.ear());
    listening.thread.start();
    // The first read of a datahose makes it, that of a datafeed is of one that is there.
    requests.await(loop instanceof DatahoseLoop ? 2 : 1, Requests.IS_READ);
    return listening;
  }

  /** Waits for the next event, which has to be this one by this user. */
  <E> E hears(Class<E> event, String by) throws InterruptedException {
    Heard next = heard.take();
    assertThat(next.event).as("by %s", next.by).isInstanceOf(event);
    assertThat(next.by).isEqualTo(by);
    return event.cast(next.event);
  }

  /** Waits for the next event, which has to be a message by this user. Gives the text of it. */
  String hearsMessage(String by) throws InterruptedException, PresentationMLParserException {
    return PresentationMLParser.getTextContent(hears(V4MessageSent.class, by).getMessage().getMessage());
  }

  boolean hearsNothingMore() {
    return heard.isEmpty();
  }

  /** Waits until the loop has ended by itself. Gives what it threw, or null. */
  Throwable dies() throws InterruptedException {
    thread.join();
    return death;
  }

  @Override
  public void close() throws InterruptedException {
    assertThat(thread.isAlive()).as("the loop runs until it is told to stop; it threw %s", death).isTrue();
    loop.stop();
    thread.join();
  }

  private void listen() {
    try {
      loop.start();
    } catch (Exception failure) {
      death = failure;
    }
    heard.add(END);
  }

  /** Hears every event there is, those of releases to come included. */
  private RealTimeEventListener ear() {
    InvocationHandler hear = (ear, method, arguments) -> {
      if (method.getName().startsWith("on")) {
        heard.add(new Heard(((V4Initiator) arguments[0]).getUser().getUsername(), arguments[1]));
        return null;
      }
      return method.isDefault()
          ? InvocationHandler.invokeDefault(ear, method, arguments)
          : method.invoke(this, arguments);
    };
    Class<RealTimeEventListener> type = RealTimeEventListener.class;
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, hear));
  }
}
