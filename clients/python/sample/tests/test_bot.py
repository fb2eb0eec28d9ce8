"""Tests of the whole bot: it runs as it would in production, and the pod is its own in each of them."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from canteen_bot import run, wish_for

SENT = "create_message_v4"

pytestmark = pytest.mark.symphony_scenario(
    {
        # By the clock that bots sign by, however far a test moves the pod's.
        "settings": {"jwtClock": "machine"},
        "apps": [{"id": "canteen-app", "permissions": ["ACT_AS_USER", "SEND_MESSAGES"]}],
        "users": [
            {
                "username": "canteen-bot",
                "accountType": "SYSTEM",
                "displayName": "Canteen Bot",
                "email": "canteen-bot@test.example",
            },
            {"username": "dora", "displayName": "Dora Diaz"},
        ],
        "rooms": [{"name": "Canteen", "owners": ["dora"], "members": ["canteen-bot"]}],
    }
)


@pytest_asyncio.fixture
async def dora(pod):
    """A guest of the canteen, where the bot is at work."""
    bot = asyncio.create_task(run(pod.bot("canteen-bot").config))
    await pod.listening_async("canteen-bot", within="10s")
    yield pod.user("dora")
    bot.cancel()
    # Whatever else ended it is an error of the test.
    with contextlib.suppress(asyncio.CancelledError):
        await bot


async def reply(pod, count=1):
    """What the bot sent last, when it has sent so many messages."""
    sent = await pod.expect_async(SENT, user="canteen-bot", status=200, count=count, within="10s")
    return sent[-1]


async def test_it_says_hello(pod, dora):
    dora.send("Canteen", "/hello")

    assert (await reply(pod)).parts["message"] == "<messageML>Hello <b>Dora Diaz</b>!</messageML>"


async def test_it_takes_an_order(pod, dora):
    dora.send("Canteen", "@canteen-bot /menu")
    menu = await reply(pod)

    dora.submit_form(menu, {"dish": "soup", "wish": "no salt"}, form="order", button="send")

    assert (await reply(pod, count=2)).parts["message"] == "<messageML>Ordered: soup, no salt</messageML>"


async def test_it_sends_the_card_as_an_attachment(pod, dora):
    dora.send("Canteen", "@canteen-bot /card")

    assert (await reply(pod)).parts["attachment"] == "Soup 3.50\nStew 5.00\n"


async def test_it_speaks_in_somebodys_name(pod, dora):
    canteen = dora.send("Canteen", "hello").stream_id

    await wish_for(pod.bot("canteen-bot", app="canteen-app").config, "dora", canteen, "stew")

    (sent,) = pod.expect(SENT, user="dora", count=1)
    assert sent.parts["message"] == "<messageML>I would like stew</messageML>"


async def test_it_logs_in_again_when_its_session_is_too_old(pod, dora):
    pod.clock.advance("15d")
    await pod.expect_async("pubkey_authenticate", user="canteen-bot", count=2, within="10s")
    await pod.listening_async("canteen-bot", within="10s")

    dora.send("Canteen", "/hello")

    assert "Hello" in (await reply(pod)).parts["message"]


async def test_it_answers_whom_it_should_only(pod, dora):
    dora.send("Canteen", "/menu")
    dora.send("Canteen", "/hello")

    assert "Hello" in (await reply(pod)).parts["message"]


async def test_it_logs_in_again_when_its_session_ends(pod, dora):
    pod.faults.inject("datafeeds_read_v5", times=1, expire_session=True)
    await pod.expect_async("pubkey_authenticate", user="canteen-bot", count=2, within="10s")

    dora.send("Canteen", "/hello")

    assert "Hello" in (await reply(pod)).parts["message"]


async def test_it_survives_the_loss_of_its_feed(pod, dora):
    pod.faults.pack("feed-expired")
    await pod.expect_async("datafeeds_create_v5", user="canteen-bot", count=2, within="10s")

    dora.send("Canteen", "/hello")

    assert "Hello" in (await reply(pod)).parts["message"]


async def test_it_tries_again_when_the_pod_is_overloaded(pod, dora):
    with pod.faults.inject(SENT, status=503, times=1, name="overload"):
        dora.send("Canteen", "/hello")
        assert "Hello" in (await reply(pod)).parts["message"]

    (refused,) = pod.requests(SENT, status=503)
    assert refused.fault == "overload"
