"""Bots that listen, and what they hear."""

import asyncio
from contextlib import asynccontextmanager

from symphony.bdk.core.service.datafeed.abstract_datafeed_loop import RealTimeEvent
from symphony.bdk.core.service.datafeed.abstract_datahose_loop import AbstractDatahoseLoop
from symphony.bdk.core.service.datafeed.real_time_event_listener import RealTimeEventListener
from symphony.bdk.core.service.message.message_parser import get_text_content_from_message

# As the loops of the SDK retry, without its waits of seconds.
RETRY_FOR_EVER = {"maxAttempts": -1, "initialIntervalMillis": 10, "multiplier": 1, "maxIntervalMillis": 10}


class Ear(RealTimeEventListener):
    """Keeps what a bot hears until the test asks for it."""

    def __init__(self):
        self._heard = asyncio.Queue()

    async def hears(self, event):
        """Waits for the next event, which has to be of this type, and gives who did it and what."""
        name, initiator, payload = await self._heard.get()
        assert name == event, payload
        return initiator.user.username, payload

    async def hears_message(self):
        """Waits for the next event, which has to be a message, and gives its sender and its text."""
        sender, event = await self.hears("MESSAGESENT")
        return sender, get_text_content_from_message(event.message)

    def hears_nothing_more(self):
        return self._heard.empty()


def _note(name):
    async def note(self, initiator, payload):
        await self._heard.put((name, initiator, payload))

    return note


for _event in RealTimeEvent:
    setattr(Ear, _event.value[0], _note(_event.name))


@asynccontextmanager
async def listening(bdk, requests, loop=None):
    """The bot listens, from the moment it has its feed. Gives an ear of the bot, and the task in which it listens.

    Fails with the loop's own failure if that ends before it is told to.
    """
    loop = loop or bdk.datafeed()
    ear = Ear()
    loop.subscribe(ear)
    token = await bdk.bot_session().session_token
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(loop.start())
        # The first read of a datahose makes it, that of a datafeed is of one that is there.
        await requests.reads(token, 2 if isinstance(loop, AbstractDatahoseLoop) else 1)
        yield ear
        assert not task.done(), "the loop runs until it is told to stop"
        await loop.stop()
