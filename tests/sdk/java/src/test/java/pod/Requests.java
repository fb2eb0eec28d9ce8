package pod;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.core.auth.exception.AuthInitializationException;
import com.symphony.bdk.core.auth.exception.AuthUnauthorizedException;
import com.symphony.bdk.core.config.model.BdkConfig;
import com.symphony.bdk.core.util.ServiceLookup;
import com.symphony.bdk.http.api.ApiClient;
import com.symphony.bdk.http.api.ApiClientBuilder;
import com.symphony.bdk.http.api.ApiClientBuilderProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Every request one bot makes, as it makes it: {@code POST /sessionauth/v1/authenticate}, ….
 *
 * <p>Stands between the BDK and its HTTP module at the seam the BDK has for other modules, and changes nothing.
 */
final class Requests {

  static final String CERTIFICATE_LOGIN = "POST /sessionauth/v1/authenticate";
  static final String CERTIFICATE_LOGIN_TO_KEY_MANAGER = "POST /keyauth/v1/authenticate";
  static final String RSA_LOGIN = "POST /login/pubkey/authenticate";
  static final String RSA_LOGIN_TO_KEY_MANAGER = "POST /relay/pubkey/authenticate";
  static final String SESSION_INFO = "GET /pod/v2/sessioninfo";
  /** Of any feed, by any of its paths. */
  static final Predicate<String> IS_READ = request -> request.endsWith("/read");

  private final List<String> made = new CopyOnWriteArrayList<>();

  /** Starts a bot whose requests are noted here. The BDK logs in and asks for its session while it starts. */
  SymphonyBdk start(BdkConfig config) throws AuthInitializationException, AuthUnauthorizedException {
    var module = ServiceLookup.lookupSingleService(ApiClientBuilderProvider.class);
    return SymphonyBdk.builder()
        .config(config)
        .apiClientBuilderProvider(noting(ApiClientBuilderProvider.class, module))
        .build();
  }

  List<String> made() {
    return made;
  }

  /** What a bot does that is not listening: how it gets over what went wrong. */
  List<String> besidesReads() {
    return made.stream().filter(IS_READ.negate()).toList();
  }

  void forget() {
    made.clear();
  }

  /** Waits until so many requests are made, and not forgotten, of which this is true. */
  synchronized void await(int times, Predicate<String> which) throws InterruptedException {
    while (made.stream().filter(which).count() < times) {
      wait();
    }
  }

  private synchronized void note(String request) {
    made.add(request);
    notifyAll();
  }

  private <T> T noting(Class<T> type, T target) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
      if (target instanceof ApiClient client && method.getName().equals("invokeAPI")) {
        note(arguments[1] + " " + URI.create(client.getBasePath()).getRawPath() + arguments[0]);
      }
      try {
        Object result = method.invoke(target, arguments);
        if (result instanceof ApiClientBuilder builder) {
          return noting(ApiClientBuilder.class, builder);
        }
        if (result instanceof ApiClient client) {
          return noting(ApiClient.class, client);
        }
        return result;
      } catch (InvocationTargetException failure) {
        throw failure.getCause();
      }
    }));
  }
}
