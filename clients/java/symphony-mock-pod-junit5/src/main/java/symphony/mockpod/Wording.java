package symphony.mockpod;

import java.util.LinkedHashMap;
import java.util.Map;

/** What somebody says, and in which form. */
public final class Wording {

  private final String form;
  private final String text;
  private final String data;

  private Wording(String form, String text, String data) {
    this.form = form;
    this.text = text;
    this.data = data;
  }

  /**
   * What he types or pastes into his client, which marks up {@code @name}, {@code #tag}, {@code $cash}, {@code :emoji:},
   * links and tables.
   */
  public static Wording typed(String text) {
    return new Wording(null, text, null);
  }

  /** MessageML, as bots send it. */
  public static Wording messageML(String message) {
    return new Wording("messageML", message, null);
  }

  /** What arrives exactly so, checked by nobody. */
  public static Wording presentationML(String message) {
    return new Wording("presentationML", message, null);
  }

  /** With EntityJSON: the text of an object, and beside PresentationML any text. */
  public Wording data(String data) {
    return new Wording(form, text, data);
  }

  /** The fields of the control port, {@code typed} among them for a text. */
  Map<String, Object> fields(String typed) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(form == null ? typed : form, text);
    if (data != null) {
      fields.put("data", data);
    }
    return fields;
  }
}
