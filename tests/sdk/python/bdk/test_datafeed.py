"""A bot listens to its datafeed: it takes up the feed it left, and makes a new one when that is gone."""

import asyncio
from contextlib import asynccontextmanager

import pods
import pytest
from administrator import call
from bots import certificate, certificate_bot, configuration
from symphony.bdk.core.service.datafeed.real_time_event_listener import RealTimeEventListener
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.gen.pod_model.v3_room_attributes import V3RoomAttributes

USERS = [{"username": "bot", "accountType": "SYSTEM"}, {"username": "stranger", "accountType": "SYSTEM"}]

# symphony-bdk-python 3.0.0 dies of the documented 204. A read under way delays the end of the loop: a second at most.
SETTINGS = {"datafeedDeleteStatus": 200, "datafeedLongPoll": "1s"}


class Doorman(RealTimeEventListener):
    """Notes into which rooms the bot is let."""

    def __init__(self):
        self.rooms = asyncio.Queue()

    async def on_user_joined_room(self, initiator, event):
        await self.rooms.put((initiator.user.username, event.stream.room_name))


@pytest.fixture
def pod(home):
    with pods.described(home, users=USERS, settings=SETTINGS) as pod:
        yield pod


@pytest.fixture
async def host(pod):
    """Another bot, which lets the bot into its rooms."""
    account = {"username": "stranger", "certificate": certificate(pod.home, "stranger")}
    async with SymphonyBdk(configuration(pod, bot=account)) as host:
        yield host


async def let_in(host, bot, name):
    room = await host.streams().create_room(V3RoomAttributes(name=name, description="A room"))
    await host.streams().add_member_to_room(bot, room.room_system_info.id)


@asynccontextmanager
async def listening(bdk):
    """The bot, listening. Fails if its loop ends before it is told to."""
    doorman = Doorman()
    bdk.datafeed().subscribe(doorman)
    loop = asyncio.create_task(bdk.datafeed().start())
    async with asyncio.timeout(20):
        yield doorman, loop
    assert not loop.done()
    await bdk.datafeed().stop()
    await loop


async def test_a_bot_hears_what_happened_since_it_last_listened(pod, host, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        token = await bdk.bot_session().session_token
        feed = call(pod, "POST", "/agent/v5/datafeeds", token)["id"]
        me = await bdk.sessions().get_session()
        await let_in(host, me.id, "Meanwhile")
        requests.clear()
        async with listening(bdk) as (doorman, _):
            assert await doorman.rooms.get() == ("stranger", "Meanwhile")
            assert call(pod, "GET", "/agent/v5/datafeeds", token)[0]["id"] == feed

    assert "GET /agent/v5/datafeeds" in requests
    assert "POST /agent/v5/datafeeds" not in requests
    assert f"POST /agent/v5/datafeeds/{feed}/read" in requests


async def test_a_bot_makes_a_new_feed_when_its_own_is_gone(pod, host, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        token = await bdk.bot_session().session_token
        feed = call(pod, "POST", "/agent/v5/datafeeds", token)["id"]
        me = await bdk.sessions().get_session()
        await let_in(host, me.id, "Before")
        async with listening(bdk) as (doorman, loop):
            assert await doorman.rooms.get() == ("stranger", "Before")
            call(pod, "DELETE", f"/agent/v5/datafeeds/{feed}", token)
            # What happens before the bot has its new feed it does not hear.
            rooms = 0
            while doorman.rooms.empty():
                assert not loop.done()
                rooms += 1
                await let_in(host, me.id, f"Room {rooms}")

    assert f"DELETE /agent/v5/datafeeds/{feed}" in requests
    assert "POST /agent/v5/datafeeds" in requests


async def test_a_bot_listens_to_datafeed_1(pod, host, requests, tmp_path):
    version = {"version": "v1", "idFilePath": str(tmp_path)}
    async with SymphonyBdk(certificate_bot(pod, datafeed=version)) as bdk:
        me = await bdk.sessions().get_session()
        async with listening(bdk) as (doorman, loop):
            rooms = 0
            while doorman.rooms.empty():
                assert not loop.done()
                rooms += 1
                await let_in(host, me.id, f"Room {rooms}")

    assert "POST /agent/v4/datafeed/create" in requests


async def test_a_bot_hears_the_whole_pod_through_a_datahose(pod, host, requests):
    datahose = {"tag": "all", "eventTypes": ["ROOMCREATED", "USERJOINEDROOM"]}
    async with SymphonyBdk(certificate_bot(pod, datahose=datahose)) as bdk:
        created = asyncio.Queue()

        class Clerk(RealTimeEventListener):
            async def on_room_created(self, initiator, event):
                await created.put(event.room_properties.name)

        bdk.datahose().subscribe(Clerk())
        loop = asyncio.create_task(bdk.datahose().start())
        rooms = 0
        async with asyncio.timeout(20):
            while created.empty():
                assert not loop.done()
                rooms += 1
                await host.streams().create_room(V3RoomAttributes(name=f"Room {rooms}", description="A room"))
        await bdk.datahose().stop()
        await loop

    assert "POST /agent/v5/events/read" in requests
