package symphony.mockpod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Somebody on the pod, or on a foreign one, who acts as a person does in a client. */
public final class Person {

  /** What one may do about a connection with somebody. */
  public enum Connection { REQUEST, ACCEPT, REJECT, REMOVE }

  private final Control control;
  private final String username;

  Person(Control control, String username) {
    this.control = control;
    this.username = username;
  }

  public String username() {
    return username;
  }

  /**
   * Sends a message.
   *
   * @param stream the name of a room, or the id of a stream
   * @param message what he types into his client
   */
  public SentMessage send(String stream, String message) {
    return send(stream, Wording.typed(message));
  }

  /** Sends a message in another form than that of typed text. */
  public SentMessage send(String stream, Wording message) {
    return speak(message, Map.of("stream", stream));
  }

  /** Answers a message, which is quoted. */
  public SentMessage reply(String stream, MessageRef to, String message) {
    return reply(stream, to, Wording.typed(message));
  }

  /** Answers a message, which is quoted. */
  public SentMessage reply(String stream, MessageRef to, Wording message) {
    return speak(message, Map.of("stream", stream, "replyTo", to.messageId()));
  }

  /** Passes a message on, with a comment. */
  public SentMessage forward(String stream, MessageRef forwarded, String message) {
    return speak(Wording.typed(message), Map.of("stream", stream, "forwards", forwarded.messageId()));
  }

  /** Edits a message of his. */
  public SentMessage edit(MessageRef message, String text) {
    return edit(message, Wording.typed(text));
  }

  /** Edits a message of his. */
  public SentMessage edit(MessageRef message, Wording text) {
    Map<String, Object> body = text.fields("text");
    body.put("message", message.messageId());
    return SentMessage.of(act("edits", body));
  }

  /** Takes a message of his own back. */
  public void suppress(MessageRef message) {
    act("suppressions", Map.of("message", message.messageId()));
  }

  /** Reads a message. */
  public void read(MessageRef message) {
    act("reads", Map.of("message", message.messageId()));
  }

  /** His client gets a message, and he has not looked yet. */
  public void receive(MessageRef message) {
    act("reads", Map.of("message", message.messageId(), "deliveredOnly", true));
  }

  /**
   * Fills in the only form of a message and presses its only button.
   *
   * @param values what is entered, by the names of the controls: a text, texts, or the ids of users
   */
  public void submitForm(MessageRef message, Map<String, ?> values) {
    submitForm(message, null, null, values);
  }

  /** Fills in the only form of a message and presses a button. */
  public void submitForm(MessageRef message, String button, Map<String, ?> values) {
    submitForm(message, null, button, values);
  }

  /** Fills in a form of a message and presses a button; either may be null where the message has one of them. */
  public void submitForm(MessageRef message, String form, String button, Map<String, ?> values) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("message", message.messageId());
    body.put("values", values);
    if (form != null) {
      body.put("form", form);
    }
    if (button != null) {
      body.put("button", button);
    }
    act("forms", body);
  }

  /**
   * Sends a form even where a client would not: what the form does not allow, a second time, or from a message that was
   * replaced. Either of form and button may be null where the message has one of them.
   */
  public void forceForm(MessageRef message, String form, String button, Map<String, ?> values) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("message", message.messageId());
    body.put("values", values);
    body.put("force", true);
    if (form != null) {
      body.put("form", form);
    }
    if (button != null) {
      body.put("button", button);
    }
    act("forms", body);
  }

  /** What he sees in a stream: its last 50 messages, the newest at the end. */
  public List<SeenMessage> messages(String stream) {
    return messages(stream, 50);
  }

  /** What he sees in a stream: so many messages at most, the newest at the end. */
  public List<SeenMessage> messages(String stream, int limit) {
    String query = Control.query(Map.of("stream", stream, "limit", limit));
    JsonNode rows = control.get("/_mock/people/" + Control.quoted(username) + "/messages" + query).get("messages");
    return StreamSupport.stream(rows.spliterator(), false).map(SeenMessage::of).toList();
  }

  /** Shares a message in another stream, which its bots hear of as {@code SHAREDPOST}. */
  public SentMessage share(String stream, MessageRef shared, String message) {
    return speak(Wording.typed(message), Map.of("stream", stream, "shares", shared.messageId()));
  }

  /** Opens the chat with somebody, or with several, and gives the id of its stream. */
  public String talkTo(String... others) {
    return act("rooms", Map.of("with", List.of(others))).get("streamId").asText();
  }

  /** Makes a room with others in it, and gives its stream's id. */
  public String openRoom(String name, String... members) {
    return act("rooms", Map.of("name", name, "members", List.of(members))).get("streamId").asText();
  }

  /** Says how present he is: {@code AVAILABLE}, {@code BUSY}, … */
  public void be(String presence) {
    act("presence", Map.of("category", presence));
  }

  /**
   * Lets him do one thing by himself whenever a service user sends a message that he sees, as the control port's
   * {@code answers} has it: {@code when}, {@code answer}, {@code times} and {@code after}.
   */
  public void answer(Map<String, ?> script) {
    act("answers", script);
  }

  /** Lets him say something by himself whenever a bot's message matches a regular expression. */
  public void answer(String matches, Wording answer) {
    act("answers", Map.of("when", Map.of("matches", matches), "answer", answer.fields("message")));
  }

  /** Ends all that he does by himself. */
  public void forgetAnswers() {
    control.delete("/_mock/people/" + Control.quoted(username) + "/answers");
  }

  /** Goes into a room. */
  public void join(String room) {
    act("joins", Map.of("stream", room));
  }

  /** Leaves a room. */
  public void leave(String room) {
    act("leaves", Map.of("stream", room));
  }

  /** Lets somebody else into a room. */
  public void invite(String room, String user) {
    act("members", Map.of("stream", room, "user", user));
  }

  /** Sends somebody else out of a room. */
  public void removeMember(String room, String user) {
    act("members", Map.of("stream", room, "user", user, "remove", true));
  }

  /** Asks the owners of a room to be let in. */
  public void requestToJoin(String room) {
    act("requests-to-join", Map.of("stream", room));
  }

  /** Asks somebody for a connection. Gives whether the two are connected now. */
  public boolean connect(String other) {
    return connect(other, Connection.REQUEST);
  }

  /** Asks somebody for a connection, answers such a question, or ends one. Gives whether the two are connected now. */
  public boolean connect(String other, Connection action) {
    String verb = action.name().toLowerCase(Locale.ROOT);
    return act("connections", Map.of("with", other, "action", verb)).get("connected").asBoolean();
  }

  /** Follows somebody. */
  public void follow(String other) {
    act("follows", Map.of("user", other));
  }

  /** Follows somebody no longer. */
  public void unfollow(String other) {
    act("follows", Map.of("user", other, "follow", false));
  }

  /** Makes a signal, {@code HASHTAG:gold} for one, that those have who subscribe to it. Gives its id. */
  public String createSignal(String name, String query) {
    return createSignal(name, query, false);
  }

  /** Makes a signal, which everybody has if it is for the whole company. Gives its id. */
  public String createSignal(String name, String query, boolean companyWide) {
    return act("signals", Map.of("name", name, "query", query, "companyWide", companyWide)).get("signalId").asText();
  }

  /** Subscribes to a signal, by its id. */
  public void subscribe(String signal) {
    act("subscriptions", Map.of("signal", signal));
  }

  /** Leaves a signal. */
  public void unsubscribe(String signal) {
    act("subscriptions", Map.of("signal", signal, "subscribe", false));
  }

  /** The ids of the messages that a signal shows him, the newest at the end. */
  public List<String> shownBySignal(String signal) {
    JsonNode shown = control.get("/_mock/people/" + Control.quoted(username) + "/signals/" + Control.quoted(signal) + "/messages");
    return shown.get("messages").findValuesAsText("messageId");
  }

  /** The ids of the messages that he finds by meaning, the most fitting first. */
  public List<String> searchByMeaning(String text) {
    JsonNode found = control.get("/_mock/people/" + Control.quoted(username) + "/semantic-search?text=" + Control.quoted(text));
    return found.get("messages").findValuesAsText("messageId");
  }

  private SentMessage speak(Wording message, Map<String, ?> about) {
    Map<String, Object> body = message.fields("message");
    body.putAll(about);
    return SentMessage.of(act("messages", body));
  }

  private JsonNode act(String verb, Map<String, ?> body) {
    return control.post("/_mock/people/" + Control.quoted(username) + "/" + verb, body);
  }

  @Override
  public String toString() {
    return "Person " + username;
  }
}
