from symphony.bdk.core.activity.command import CommandContext
from symphony.bdk.core.activity.form import FormReplyActivity, FormReplyContext
from symphony.bdk.core.config.model.bdk_config import BdkConfig
from symphony.bdk.core.service.message.message_service import MessageService
from symphony.bdk.core.symphony_bdk import SymphonyBdk

MENU = """<messageML>
  <form id="order">
    <select name="dish" required="true"><option value="soup">Soup</option><option value="stew">Stew</option></select>
    <text-field name="wish" placeholder="Anything else?"/>
    <button type="action" name="send">Order</button>
  </form>
</messageML>"""


async def run(config: BdkConfig) -> None:
    """Answers until it is cancelled."""
    async with SymphonyBdk(config) as bdk:

        @bdk.activities().slash("/hello", mention_bot=False)
        async def hello(context: CommandContext) -> None:
            name = context.initiator.user.display_name
            await bdk.messages().send_message(context.stream_id, f"<messageML>Hello <b>{name}</b>!</messageML>")

        @bdk.activities().slash("/menu")
        async def menu(context: CommandContext) -> None:
            await bdk.messages().send_message(context.stream_id, MENU)

        bdk.activities().register(Orders(bdk.messages()))
        await bdk.datafeed().start()


class Orders(FormReplyActivity):
    """Confirms what was ordered with the menu's form."""

    def __init__(self, messages: MessageService):
        self._messages = messages

    def matches(self, context: FormReplyContext) -> bool:
        return context.form_id == "order" and context.get_form_value("action") == "send"

    async def on_activity(self, context: FormReplyContext) -> None:
        dish, wish = context.get_form_value("dish"), context.get_form_value("wish")
        wanted = f"{dish}, {wish}" if wish else dish
        stream = context.source_event.stream.stream_id
        await self._messages.send_message(stream, f"<messageML>Ordered: {wanted}</messageML>")
