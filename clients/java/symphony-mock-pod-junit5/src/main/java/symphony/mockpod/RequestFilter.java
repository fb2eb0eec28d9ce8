package symphony.mockpod;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which entries of the journal. Unchangeable: every method gives another filter. */
public final class RequestFilter {

  private final Map<String, Object> parameters;

  private RequestFilter(Map<String, Object> parameters) {
    this.parameters = parameters;
  }

  public static RequestFilter all() {
    return new RequestFilter(Map.of());
  }

  /** Those of an operation, by its name, or by method and path. */
  public static RequestFilter operation(String operation) {
    return all().with("operation", operation);
  }

  /** Those of a user or app. */
  public RequestFilter user(String user) {
    return with("user", user);
  }

  /** Whether a user that nobody is called is refused, as by default. */
  public RequestFilter strict(boolean strict) {
    return with("strict", strict);
  }

  /** Those that were answered so. */
  public RequestFilter status(int status) {
    return with("status", status);
  }

  /** Those that were answered in such a way, such as {@code 4xx}. */
  public RequestFilter status(String pattern) {
    return with("status", pattern);
  }

  /** Those that came to this listener, by its name. */
  public RequestFilter listener(String listener) {
    return with("listener", listener);
  }

  /** Those that were refused, or those that were not. */
  public RequestFilter refused(boolean refused) {
    return with("refused", refused);
  }

  /** Those that came after this one. */
  public RequestFilter since(Request request) {
    return with("since", request.id());
  }

  /** The last so many. */
  public RequestFilter limit(int limit) {
    return with("limit", limit);
  }

  private RequestFilter with(String name, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(parameters);
    all.put(name, value);
    return new RequestFilter(all);
  }

  String query() {
    return Control.query(parameters);
  }
}
