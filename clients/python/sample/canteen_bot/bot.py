from pathlib import Path

from symphony.bdk.core.activity.command import CommandContext
from symphony.bdk.core.activity.form import FormReplyActivity, FormReplyContext
from symphony.bdk.core.config.model.bdk_config import BdkConfig
from symphony.bdk.core.service.message.message_service import MessageService
from symphony.bdk.core.service.message.model import Message
from symphony.bdk.core.symphony_bdk import SymphonyBdk

CARD = Path(__file__).with_name("card.txt")

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

        @bdk.activities().slash("/card")
        async def card(context: CommandContext) -> None:
            with CARD.open("rb") as paper:
                message = Message("<messageML>The card</messageML>", attachments=[paper])
                await bdk.messages().send_message(context.stream_id, message)

        bdk.activities().register(Orders(bdk.messages()))
        await bdk.datafeed().start()


async def wish_for(config: BdkConfig, username: str, stream: str, dish: str) -> None:
    """Says what somebody would like to eat, in the name of that person, who has the canteen's app."""
    async with SymphonyBdk(config) as bdk:
        async with bdk.obo_services(bdk.obo(username=username)) as somebody:
            await somebody.messages().send_message(stream, f"<messageML>I would like {dish}</messageML>")


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
