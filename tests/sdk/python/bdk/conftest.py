import asyncio
from collections import Counter

import aiohttp
import pytest
from bots import certificate_bot
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from tables import TABLES


class Requests(list):
    """Every request the SDK makes, as it makes it: `["POST /sessionauth/v1/authenticate", …]`."""

    def __init__(self):
        super().__init__()
        self._made = asyncio.Condition()
        self._reads = Counter()

    async def note(self, request, session_token):
        self.append(request)
        if request.endswith("/read"):
            self._reads[session_token] += 1
        async with self._made:
            self._made.notify_all()

    async def reads(self, session_token, times=1):
        """Waits until whoever has this session reads a feed so many times."""
        async with self._made:
            await self._made.wait_for(lambda: self._reads[session_token] >= times)

    async def has(self, request):
        """Waits until a request is made, and not forgotten."""
        async with self._made:
            await self._made.wait_for(lambda: request in self)

    async def reads_other_than(self, read):
        """Waits until a feed is read that is not this one."""
        async with self._made:
            await self._made.wait_for(lambda: any(made.endswith("/read") and made != read for made in self))


@pytest.fixture
def requests(monkeypatch):
    """Every request the SDK makes, as it makes it.

    Both releases send through aiohttp, so this looks on there and leaves the SDK as it is.
    """
    made = Requests()
    send = aiohttp.ClientSession._request

    async def send_and_note(session, method, url, **options):
        path = str(url).split("/", 3)[3]
        await made.note(f"{method} /{path}", (options.get("headers") or {}).get("sessionToken"))
        return await send(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", send_and_note)
    return made


@pytest.fixture
async def bdk(pod):
    """The bot `bot`, logged in with its certificate."""
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        yield bdk


def pytest_terminal_summary(terminalreporter):
    for title, rows in TABLES.items():
        terminalreporter.section(title)
        widths = [max(map(len, column)) for column in zip(*rows)]
        for row in rows:
            terminalreporter.line("  ".join(map(str.ljust, row, widths)).rstrip())
