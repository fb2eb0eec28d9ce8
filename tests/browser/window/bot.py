"""A bot of the Python BDK, as its owner would write it: `order` is answered with a form, and the form with what was entered.

    bot.py CONFIGURATION
"""

import asyncio
import sys

from symphony.bdk.core.config.loader import BdkConfigLoader
from symphony.bdk.core.service.datafeed.real_time_event_listener import RealTimeEventListener
from symphony.bdk.core.symphony_bdk import SymphonyBdk

FORM = """<messageML><p>What do you want to <b>order</b>?</p><form id="order">
<text-field name="amount" label="Amount" required="true" pattern="^[0-9]+$" pattern-error-message="Digits only"/>
<select name="side" label="Side"><option value="buy">Buy</option><option value="sell">Sell</option></select>
<checkbox name="terms" value="limit">Limit</checkbox><checkbox name="terms" value="today">Today</checkbox>
<radio name="venue" value="here" checked="true">Here</radio><radio name="venue" value="there">There</radio>
<textarea name="note" label="Note"></textarea>
<date-picker name="day" label="Day"/><time-picker name="at" label="At"/><timezone-picker name="zone" label="Zone"/>
<person-selector name="who" label="For"/><room-selector name="where" label="Room"/>
<button name="send" type="action">Send the order</button><button type="reset">Clear</button>
</form></messageML>"""


class Orders(RealTimeEventListener):
    def __init__(self, messages):
        self.messages = messages

    async def on_message_sent(self, initiator, event):
        if "order" in event.message.message:
            await self.messages.send_message(event.message.stream.stream_id, FORM)

    async def on_symphony_elements_action(self, initiator, event):
        entered = event.form_values
        said = ", ".join(f"{name}={entered[name]}" for name in sorted(entered))
        said = said.replace("&", "&amp;").replace("<", "&lt;")
        await self.messages.send_message(event.stream.stream_id, f"<messageML>Noted: {said}</messageML>")


async def main():
    async with SymphonyBdk(BdkConfigLoader.load_from_file(sys.argv[1])) as bdk:
        bdk.datafeed().subscribe(Orders(bdk.messages()))
        await bdk.datafeed().start()


asyncio.run(main())
