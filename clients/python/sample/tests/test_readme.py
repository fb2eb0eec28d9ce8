"""The first example of the README, as it is written there, with a bot that answers a slash command."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

from symphony.bdk.core.symphony_bdk import SymphonyBdk

README = Path(__file__).parents[4] / "README.md"
FENCE = "`" * 3


def listen(bdk: SymphonyBdk) -> None:
    @bdk.activities().slash("/help")
    async def help_whoever_asks(context):
        await bdk.messages().send_message(context.stream_id, "<messageML>I can help</messageML>")

    running.append(asyncio.get_running_loop().create_task(bdk.datafeed().start()))


running: list = []
my_bot = SimpleNamespace(listen=listen)

# Defines `test_my_bot_answers`.
exec(re.search(FENCE + r"python\n(.*?)" + FENCE, README.read_text(encoding="utf-8"), re.DOTALL)[1])
