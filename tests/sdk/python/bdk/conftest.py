import aiohttp
import pytest


@pytest.fixture
def requests(monkeypatch):
    """Every request the SDK makes, as it makes it: `["POST /sessionauth/v1/authenticate", …]`.

    Both releases send through aiohttp, so this looks on there and leaves the SDK as it is.
    """
    made = []
    send = aiohttp.ClientSession._request

    async def send_and_note(session, method, url, **options):
        path = str(url).split("/", 3)[3]
        made.append(f"{method} /{path}")
        return await send(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", send_and_note)
    return made
