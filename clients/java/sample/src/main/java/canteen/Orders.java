package canteen;

import com.symphony.bdk.core.activity.ActivityMatcher;
import com.symphony.bdk.core.activity.form.FormReplyActivity;
import com.symphony.bdk.core.activity.form.FormReplyContext;
import com.symphony.bdk.core.activity.model.ActivityInfo;
import com.symphony.bdk.core.activity.model.ActivityType;
import com.symphony.bdk.core.service.message.MessageService;

/** Confirms what was ordered with the menu's form. */
final class Orders extends FormReplyActivity<FormReplyContext> {

  private final MessageService messages;

  Orders(MessageService messages) {
    this.messages = messages;
  }

  @Override
  public ActivityMatcher<FormReplyContext> matcher() {
    return context -> "order".equals(context.getFormId()) && "send".equals(context.getFormValue("action"));
  }

  @Override
  public void onActivity(FormReplyContext context) {
    String wish = context.getFormValue("wish");
    String ordered = context.getFormValue("dish") + (wish == null || wish.isEmpty() ? "" : ", " + wish);
    messages.send(context.getSourceEvent().getStream(), "<messageML>Ordered: " + ordered + "</messageML>");
  }

  @Override
  protected ActivityInfo info() {
    return new ActivityInfo().type(ActivityType.FORM).name("Orders");
  }
}
