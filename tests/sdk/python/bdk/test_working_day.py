"""What happens around a bot on a working day, and that it hears of it, on whichever feed it listens."""

import base64
from contextlib import asynccontextmanager

import pods
import pytest
from administrator import call
from bots import certificate, certificate_app, certificate_bot, configuration, rsa_app
from listening import listening
from symphony.bdk.core.service.message.model import Message
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.gen.pod_model.v3_room_attributes import V3RoomAttributes

USERS = [
    {"username": "bot", "accountType": "SYSTEM", "displayName": "Order Bot"},
    {"username": "stranger", "accountType": "SYSTEM"},
    {"username": "alice", "displayName": "Alice Adams"},
]
# Longer than any buffer a pod or an SDK might have, and every byte in it.
FIGURES = bytes(range(256)) * 1200


@pytest.fixture
def pod(home):
    settings = {"datafeedLongPoll": "1s"}
    with pods.described(home, users=USERS, apps=[{"id": "app"}], settings=settings) as pod:
        yield pod


@pytest.fixture
async def host(pod):
    account = {"username": "stranger", "certificate": certificate(pod.home, "stranger")}
    async with SymphonyBdk(configuration(pod, bot=account)) as host:
        yield host


def attributes(name, **others):
    return V3RoomAttributes(name=name, description="Where we meet", **others)


@asynccontextmanager
async def in_a_room(config, host, requests, feed=SymphonyBdk.datafeed):
    """The bot, let into a room of the host and listening. Gives its ear, itself and the room."""
    async with SymphonyBdk(config) as bdk:
        me = await bdk.sessions().get_session()
        room = (await host.streams().create_room(attributes("Den"))).room_system_info.id
        async with listening(bdk, requests, feed(bdk)) as ear:
            await host.streams().add_member_to_room(me.id, room)
            host_name, joined = await ear.hears("USERJOINEDROOM")
            assert (host_name, joined.affected_user.user_id, joined.stream.stream_id) == ("stranger", me.id, room)
            yield ear, bdk, room


async def test_a_bot_follows_a_room_through_its_life(pod, host, requests):
    async with in_a_room(certificate_bot(pod), host, requests) as (ear, bdk, room):
        me = await bdk.sessions().get_session()
        alice = (await bdk.users().list_users_by_usernames(["alice"])).users[0].id
        rooms = host.streams()

        await rooms.add_member_to_room(alice, room)
        _, joined = await ear.hears("USERJOINEDROOM")
        assert joined.affected_user.display_name == "Alice Adams"

        await rooms.update_room(room, attributes("Lair", read_only=True))
        _, updated = await ear.hears("ROOMUPDATED")
        assert (updated.new_room_properties.name, updated.new_room_properties.read_only) == ("Lair", True)
        assert (await bdk.streams().get_room_info(room)).room_attributes.name == "Lair"

        await rooms.promote_user_to_room_owner(me.id, room)
        _, promoted = await ear.hears("ROOMMEMBERPROMOTEDTOOWNER")
        assert promoted.affected_user.user_id == me.id

        await rooms.demote_owner_to_room_participant(me.id, room)
        _, demoted = await ear.hears("ROOMMEMBERDEMOTEDFROMOWNER")
        assert demoted.affected_user.user_id == me.id

        assert not (await rooms.set_room_active(room, False)).room_system_info.active
        _, deactivated = await ear.hears("ROOMDEACTIVATED")
        assert deactivated.stream.stream_id == room

        assert (await rooms.set_room_active(room, True)).room_system_info.active
        _, reactivated = await ear.hears("ROOMREACTIVATED")
        assert reactivated.stream.stream_id == room

        await rooms.remove_member_from_room(alice, room)
        _, left = await ear.hears("USERLEFTROOM")
        assert left.affected_user.user_id == alice

    assert ear.hears_nothing_more()


async def test_a_bot_downloads_the_file_it_was_sent(pod, host, requests, tmp_path):
    (tmp_path / "figures.bin").write_bytes(FIGURES)
    (tmp_path / "notes.txt").write_bytes(b"Read me")
    async with in_a_room(certificate_bot(pod), host, requests) as (ear, bdk, room):
        with (tmp_path / "figures.bin").open("rb") as figures, (tmp_path / "notes.txt").open("rb") as notes:
            await host.messages().send_message(room, Message(content="Here", attachments=[figures, notes]))

        _, event = await ear.hears("MESSAGESENT")
        message = event.message
        assert [(file.name, file.size) for file in message.attachments] == [("figures.bin", 307200), ("notes.txt", 7)]
        for file, content in zip(message.attachments, [FIGURES, b"Read me"]):
            body = await bdk.messages().get_attachment(room, message.message_id, file.id)
            assert base64.b64decode(body) == content


@pytest.mark.parametrize("app", [rsa_app, certificate_app])
async def test_a_bot_hears_what_an_app_says_for_a_person(pod, host, requests, app):
    async with in_a_room(certificate_bot(pod), host, requests) as (ear, bdk, room), SymphonyBdk(app(pod)) as app_bdk:
        alice = (await bdk.users().list_users_by_usernames(["alice"])).users[0].id
        await host.streams().add_member_to_room(alice, room)
        await ear.hears("USERJOINEDROOM")

        async with app_bdk.obo_services(app_bdk.obo(username="alice")) as obo:
            sent = await obo.messages().send_message(room, "Hello from my app")

        assert sent.user.username == "alice"
        assert await ear.hears_message() == ("alice", "Hello from my app")
        message = await bdk.messages().get_message(sent.message_id)
        assert (message.user.user_id, message.user.display_name) == (alice, "Alice Adams")


FEEDS = {
    "datafeed 1": ({"datafeed": {"version": "v1"}}, SymphonyBdk.datafeed, "POST /agent/v4/datafeed/create"),
    "datafeed 2": ({"datafeed": {"version": "v2"}}, SymphonyBdk.datafeed, "POST /agent/v5/datafeeds"),
    "datahose": (
        {"datahose": {"tag": "all", "eventTypes": ["MESSAGESENT", "USERJOINEDROOM"]}},
        SymphonyBdk.datahose,
        "POST /agent/v5/events/read",
    ),
}


@pytest.mark.parametrize(("settings", "feed", "first"), FEEDS.values(), ids=FEEDS.keys())
async def test_a_bot_talks_on_every_feed(pod, host, requests, settings, feed, first, tmp_path, monkeypatch):
    # Where the SDK keeps the id of a datafeed 1.
    monkeypatch.chdir(tmp_path)
    async with in_a_room(certificate_bot(pod, **settings), host, requests, feed) as (ear, bdk, room):
        for words in ["One", "Two", "Three"]:
            await host.messages().send_message(room, words)
            assert await ear.hears_message() == ("stranger", words)
            await bdk.messages().send_message(room, f"{words} indeed")

    assert ear.hears_nothing_more()
    assert first in requests


async def test_a_datahose_carries_what_happens_where_the_bot_is_not(pod, host, requests):
    config = certificate_bot(pod, datahose={"tag": "all", "eventTypes": ["ROOMCREATED"]})
    async with SymphonyBdk(config) as bdk, listening(bdk, requests, bdk.datahose()) as ear:
        await host.streams().create_room(attributes("Elsewhere"))
        creator, created = await ear.hears("ROOMCREATED")
        assert (creator, created.room_properties.name) == ("stranger", "Elsewhere")


async def test_a_bot_hears_what_happened_since_it_last_listened(pod, host, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        token = await bdk.bot_session().session_token
        feed = call(pod, "POST", "/agent/v5/datafeeds", token)["id"]
        me = await bdk.sessions().get_session()
        room = (await host.streams().create_room(attributes("Meanwhile"))).room_system_info.id
        await host.streams().add_member_to_room(me.id, room)
        requests.clear()
        async with listening(bdk, requests) as ear:
            _, joined = await ear.hears("USERJOINEDROOM")
            assert joined.stream.stream_id == room

    assert "POST /agent/v5/datafeeds" not in requests
    assert f"POST /agent/v5/datafeeds/{feed}/read" in requests
