package symphony.mockpod;

/** Which message: one that a {@link Person} sent, the {@link Request} with which a bot sent one, or an id. */
@FunctionalInterface
public interface MessageRef {

  /** The id of the message. */
  String messageId();

  /** The message with this id. */
  static MessageRef of(String messageId) {
    return () -> messageId;
  }
}
