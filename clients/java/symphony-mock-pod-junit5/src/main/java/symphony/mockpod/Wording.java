package symphony.mockpod;

import java.util.LinkedHashMap;
import java.util.Map;

/** What somebody says, and in which form. */
public final class Wording {

  private final String form;
  private final String text;
  private final String data;
  private final boolean ignoresWarnings;

  private Wording(String form, String text, String data, boolean ignoresWarnings) {
    this.form = form;
    this.text = text;
    this.data = data;
    this.ignoresWarnings = ignoresWarnings;
  }

  /**
   * What he types or pastes into his client, which marks up {@code @name}, {@code #tag}, {@code $cash}, {@code :emoji:},
   * links and tables.
   */
  public static Wording typed(String text) {
    return new Wording(null, text, null, false);
  }

  /** MessageML, as bots send it. */
  public static Wording messageML(String message) {
    return new Wording("messageML", message, null, false);
  }

  /** What arrives exactly so, checked by nobody. */
  public static Wording presentationML(String message) {
    return new Wording("presentationML", message, null, false);
  }

  /** With EntityJSON: the text of an object, and beside PresentationML any text. */
  public Wording data(String data) {
    return new Wording(form, text, data, ignoresWarnings);
  }

  /** Sent although a policy warns of it, as his client lets him. */
  public Wording ignoringWarnings() {
    return new Wording(form, text, data, true);
  }

  /** The fields of the control port, {@code typed} among them for a text. */
  Map<String, Object> fields(String typed) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(form == null ? typed : form, text);
    if (data != null) {
      fields.put("data", data);
    }
    if (ignoresWarnings) {
      fields.put("ignoreWarning", true);
    }
    return fields;
  }
}
