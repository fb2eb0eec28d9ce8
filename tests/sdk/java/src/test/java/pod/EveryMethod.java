package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.symphony.bdk.core.auth.AuthSession;
import com.symphony.bdk.core.service.message.model.Message;
import com.symphony.bdk.core.service.pagination.model.CursorPaginationAttribute;
import com.symphony.bdk.core.service.pagination.model.PaginationAttribute;
import com.symphony.bdk.core.service.pagination.model.StreamPaginationAttribute;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pod on which every method of every service of a BDK has something to do, and the calls of them all.
 *
 * <p>The methods are found by reflection and their arguments in {@code every-method.txt}, where a method that is missing fails the
 * test. Before each call the pod is again what it was, so their order does not matter. What came of each is printed as a table.
 */
final class EveryMethod {

  private static final String IMAGE = Base64.getEncoder().encodeToString("GIF89a and more".getBytes(StandardCharsets.US_ASCII));
  private static final Broken ANSWERED = new Broken("answered", "");
  /** What of services concerns no pod. */
  private static final Set<String> LOCAL = Set.of("obo", "checkAuthSession", "templates", "setDatafeedLoop");
  private static final ObjectMapper JSON = new ObjectMapper().registerModule(new SimpleModule()
      .addDeserializer(Instant.class, from(Instant.class, node -> Instant.ofEpochMilli(node.asLong())))
      .addDeserializer(InputStream.class, from(InputStream.class,
          node -> new ByteArrayInputStream(Base64.getDecoder().decode(node.asText()))))
      .addDeserializer(Message.class, from(Message.class, node -> Message.builder()
          .content("<messageML>" + node.asText() + "</messageML>")
          .addAttachment(new ByteArrayInputStream(new byte[] {'x'}), "notes.txt")
          .build()))
      .addDeserializer(PaginationAttribute.class, from(PaginationAttribute.class,
          node -> new PaginationAttribute(number(node, "skip"), number(node, "limit"))))
      .addDeserializer(StreamPaginationAttribute.class, from(StreamPaginationAttribute.class,
          node -> new StreamPaginationAttribute(number(node, "chunkSize"), number(node, "totalSize"))))
      .addDeserializer(CursorPaginationAttribute.class, from(CursorPaginationAttribute.class,
          node -> new CursorPaginationAttribute(number(node, "before"), number(node, "after"), number(node, "limit")))));

  private final Pod pod;
  private final Map<String, String> names = new TreeMap<>((one, other) ->
      // The longest first: $bot must not hide behind $bo.
      one.length() == other.length() ? one.compareTo(other) : other.length() - one.length());
  private final List<String[]> rows = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  /** {@code actor} is who calls the methods: the bot, or the person for whom an app does. */
  private EveryMethod(Pod pod, String actor, AuthSession session) {
    this.pod = pod;
    JsonNode seed = Administrator.control(pod, "GET", "/_mock/scenario");
    seed.get("users").forEach(user -> names.put(user.get("username").asText(), user.get("id").asText()));
    String feed = Administrator.call(pod, "POST", "/pod/v1/presence/feed/create", session.getSessionToken(), null)
        .get("id").asText();
    Administrator.call(
        pod, "POST", "/pod/v1/user/presence/register", session.getSessionToken(), "[" + names.get("bob") + "]");
    Administrator.asPerson(pod, "bob", "presence", Map.of("category", "BUSY"));
    JsonNode message = seed.at("/messages/0");
    long now = System.currentTimeMillis();
    names.put("actor", names.get(actor));
    names.put("room", seed.at("/rooms/0/id").asText());
    names.put("im", seed.at("/conversations/0/id").asText());
    names.put("message", message.get("id").asText());
    names.put("attachment", message.at("/attachments/0/id").asText());
    names.put("assigned", seed.at("/disclaimers/0/id").asText());
    names.put("disclaimer", seed.at("/disclaimers/1/id").asText());
    names.put("signal", seed.at("/signals/0/id").asText());
    names.put("group", seed.at("/groups/0/profileId").asText());
    names.put("groupTag", seed.at("/groups/0/eTag").asText());
    names.put("presenceFeed", feed);
    names.put("gif", IMAGE);
    names.put("began", String.valueOf(now - 3_600_000));
    names.put("later", String.valueOf(now + 3_600_000));
    names.put("newcomer", """
        {"userName": "newcomer", "displayName": "New Comer", "firstName": "New", "lastName": "Comer", \
        "emailAddress": "newcomer@mock-pod.example", "accountType": "NORMAL"}""");
    names.put("application", """
        {"applicationInfo": {"appId": "new", "name": "New", "publisher": "Us", "appUrl": "https://new.example.com", \
        "domain": "example.com"}, "description": "New"}""");
    names.put("article", """
        {"type": "com.symphony.sharing.article", "content": {"articleId": "1", "title": "Copper", "publisher": "News", \
        "author": "Nobody", "appId": "app", "articleUrl": "https://example.com"}}""");
    names.put("imported", """
        {"message": "<messageML>Said elsewhere</messageML>", "intendedMessageTimestamp": %s, \
        "intendedMessageFromUserId": %s, "originatingSystemId": "elsewhere", "streamId": "%s"}"""
        .formatted(names.get("began"), names.get("bob"), names.get("room")));
    Administrator.control(pod, "/_mock/snapshots", Map.of("name", "arranged"));
  }

  /** A pod whose {@code actor} has something to do with each operation. */
  static Pod pod(Home home, String actor) {
    return home.start("""
        foreignPods: [{id: 2, company: Other}]
        users:
          - username: bot
            accountType: SYSTEM
            roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT, CONTENT_MANAGEMENT, GROUP_MANAGER, SCOPE_MANAGEMENT,
              USER_PRESENCE_UPDATE, USER_PROVISIONING]
            features: &features {canCreatePushedSignals: true, canManageSignalSubscription: true, delegatesEnabled: true}
          - {username: alice, features: *features}
          - {username: bob, features: *features, disclaimer: House, delegates: [carol]}
          - {username: carol, email: carol@mock-pod.example}
          - {username: dora}
          - {username: asking, pod: 2}
          - {username: asked, pod: 2}
        apps:
          - id: app
            installedForAll: true
            permissions: [ACT_AS_USER, SEND_MESSAGES, SUPPRESS_MESSAGES, GET_USER_CONNECTIONS, REQUEST_USER_CONNECTIONS,
              GET_PRESENCE, SET_PRESENCE, GET_BASIC_USER_INFO, GET_BASIC_CONTACT_INFO, LIST_USER_STREAMS, MANAGE_ROOMS,
              CREATE_USER_STREAM, MANAGE_SIGNALS, MANAGE_USER_FOLLOWING, GET_USER_MESSAGES]
        rooms: [{name: Den, owners: [ACTOR, carol], members: [bob]}]
        conversations: [{members: [ACTOR, bob]}]
        connections: [{from: asking, to: ACTOR, status: PENDING}, {from: ACTOR, to: asked}]
        follows: [{follower: carol, followed: bob}, {follower: ACTOR, followed: carol}]
        disclaimers: [{name: House, content: Not advice.}, {name: Desk, content: Not an offer.}]
        groups: [{name: Traders, members: [carol]}]
        auditTrail: [{action: App installed, initiator: bot, roles: [USER_PROVISIONING], at: -1m}]
        signals: [{name: Prices, query: "HASHTAG:price", owner: ACTOR, subscribers: [carol]}]
        messages:
          - stream: Den
            from: ACTOR
            messageML: <messageML>The <hash tag="price"/> of copper rises</messageML>
            attachments: [{name: prices.txt, text: Read me}]
            receipts: [{user: bob, delivered: -1m, read: -1m}]
        """.replace("ACTOR", actor));
  }

  /** The pod as it is now is what each call will find. The session is the actor's. */
  static EveryMethod on(Pod pod, String actor, AuthSession session) {
    return new EveryMethod(pod, actor, session);
  }

  /** The services behind the methods without parameters of an entry point, by the methods' names, each as it is declared. */
  static Map<String, Service> servicesOf(Object entry) {
    Map<String, Service> services = new LinkedHashMap<>();
    for (Method door : entry.getClass().getMethods()) {
      Class<?> type = door.getReturnType();
      if (door.getParameterCount() == 0 && type.getName().matches("com\\.symphony\\.bdk\\.core\\.service\\..*Service")) {
        services.put(door.getName(), new Service(type, invoke(door, entry)));
      }
    }
    return services;
  }

  /** The same services as the bot's own give them on behalf of somebody, by {@code obo(session)}. */
  static Map<String, Service> servicesOf(Map<String, Service> bot, AuthSession session) {
    Map<String, Service> services = new LinkedHashMap<>();
    bot.forEach((name, service) -> {
      for (Method door : service.type().getMethods()) {
        if (door.getName().equals("obo") && !door.isBridge()) {
          services.put(name, new Service(door.getReturnType(), invoke(door, service.itself(), session)));
        }
      }
    });
    return services;
  }

  /** A service, and the type as which a bot's owner gets it. */
  record Service(Class<?> type, Object itself) {}

  /** A call that the BDK breaks itself: how its end begins, and why. */
  record Broken(String end, String reason) {}

  /** Calls each method of the services. {@code broken} has what does not end with an answer. */
  EveryMethod call(Map<String, Service> services, Map<String, Broken> broken) {
    Map<String, String> table = table();
    services.forEach((name, service) -> Arrays.stream(service.type().getMethods())
        .filter(method -> method.getDeclaringClass() != Object.class && !method.isBridge())
        .filter(method -> !LOCAL.contains(method.getName()))
        .sorted((one, other) -> signature(name, one).compareTo(signature(name, other)))
        .forEach(method -> {
          String signature = signature(name, method);
          String arguments = table.get(signature);
          if (arguments == null) {
            wrong.add(signature + ": every-method.txt has no arguments");
          } else {
            call(signature, method, service.itself(), arguments, broken.getOrDefault(signature, ANSWERED));
          }
        }));
    return this;
  }

  /** Prints the table, and fails if a call ended otherwise than it should. */
  void conclude(String title) {
    int wide = rows.stream().mapToInt(row -> row[0].length()).max().orElse(1);
    String lines = rows.stream()
        .map(row -> ("%-" + wide + "s  %-10s  %s  %s").formatted((Object[]) row).stripTrailing())
        .collect(Collectors.joining("\n"));
    System.out.println("==== " + title + ": " + rows.size() + " calls\n" + lines);
    assertThat(wrong).isEmpty();
    assertThat(rows).isNotEmpty();
  }

  private void call(String signature, Method method, Object service, String arguments, Broken expected) {
    Administrator.control(pod, "/_mock/snapshots/arranged/restore", Map.of());
    Administrator.control(pod, "DELETE", "/_mock/requests");
    String came = outcome(method, service, arguments);
    List<String> requests = new ArrayList<>();
    Administrator.control(pod, "GET", "/_mock/requests").get("requests").forEach(request -> requests.add(
        "%s %s %s".formatted(
            request.get("method").asText(), request.path("operation").asText(), request.path("status").asText())));
    String asked = requests.isEmpty() ? "no request" : String.join(", ", requests);
    rows.add(new String[] {signature, came.split(":", 2)[0], asked, expected.reason()});
    if (!came.startsWith(expected.end())) {
      wrong.add("%s: %s, not %s (%s)".formatted(signature, came, expected.end(), asked));
    }
  }

  /** {@code answered}, or the exception; {@code nothing} where a method that promises something gave nothing. */
  private String outcome(Method method, Object service, String arguments) {
    try {
      for (var name : names.entrySet()) {
        arguments = arguments.replace("$" + name.getKey(), name.getValue());
      }
      JsonNode given = JSON.readTree(arguments);
      Type[] types = method.getGenericParameterTypes();
      Object[] values = new Object[types.length];
      for (int index = 0; index < types.length; index++) {
        JsonNode value = given.get(index);
        values[index] = value.isNull() ? null : JSON.convertValue(value, JSON.constructType(types[index]));
      }
      Object result = method.invoke(service, values);
      if (result instanceof Stream<?> stream) {
        result = stream.toList();
      }
      boolean empty = result == null || result instanceof Collection<?> list && list.isEmpty();
      return empty && method.getReturnType() != void.class ? "nothing" : "answered";
    } catch (InvocationTargetException failure) {
      return told(failure.getCause());
    } catch (RuntimeException failure) {
      // Streams ask for their first page when they are read.
      return told(failure);
    } catch (JsonProcessingException | IllegalAccessException failure) {
      throw new IllegalArgumentException(arguments, failure);
    }
  }

  private static String told(Throwable failure) {
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }

  private static String signature(String service, Method method) {
    String types = Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", "));
    return "%s.%s(%s)".formatted(service, method.getName(), types);
  }

  private static Object invoke(Method door, Object entry, Object... arguments) {
    try {
      return door.invoke(entry, arguments);
    } catch (ReflectiveOperationException failure) {
      throw new IllegalStateException(door.toString(), failure);
    }
  }

  private static Map<String, String> table() {
    try (InputStream file = EveryMethod.class.getResourceAsStream("/every-method.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split("(?<=\\)) ", 2))
          .collect(Collectors.toMap(line -> line[0], line -> line[1]));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Integer number(JsonNode node, String field) {
    return node.has(field) ? node.get(field).asInt() : null;
  }

  private interface Reading<T> {
    T of(JsonNode node);
  }

  private static <T> StdDeserializer<T> from(Class<T> type, Reading<? extends T> reading) {
    return new StdDeserializer<>(type) {
      @Override
      public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        return reading.of(parser.readValueAsTree());
      }
    };
  }
}
