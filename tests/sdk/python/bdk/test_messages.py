"""A bot works: it sends, updates, blasts and reads messages with files, and looks people up."""

import base64

import pods
import pytest
from symphony.bdk.core.service.message.model import Message
from symphony.bdk.core.service.presence.presence_service import PresenceStatus
from symphony.bdk.gen.pod_model.user_search_query import UserSearchQuery
from symphony.bdk.gen.pod_model.v3_room_attributes import V3RoomAttributes

USERS = [
    {"username": "bot", "accountType": "SYSTEM", "displayName": "The Bot", "email": "bot@pod.example"},
    {"username": "alice", "displayName": "Alice Adams", "email": "alice@pod.example"},
    {"username": "carol", "pod": 2},
]


@pytest.fixture
def pod(home):
    with pods.described(home, users=USERS, foreignPods=[{"id": 2, "company": "Partner"}]) as pod:
        yield pod


@pytest.fixture
async def room(bdk):
    room = await bdk.streams().create_room(V3RoomAttributes(name="Den", description="A room"))
    return room.room_system_info.id


async def test_messages_are_sent_with_files_updated_and_read(bdk, room, tmp_path):
    report = tmp_path / "report.txt"
    report.write_bytes(b"figures")
    with report.open("rb") as attachment, report.open("rb") as preview:
        message = Message(content="See <b>here</b>", attachments=[(attachment, preview)])
        sent = await bdk.messages().send_message(room, message)
    assert sent.message.endswith(">See <b>here</b></div>")
    assert [(file.name, file.size, len(file.images)) for file in sent.attachments] == [("report.txt", 7, 1)]
    body = await bdk.messages().get_attachment(room, sent.message_id, sent.attachments[0].id)
    assert base64.b64decode(body) == b"figures"

    updated = await bdk.messages().update_message(room, sent.message_id, "Again")
    assert (updated.replacing, updated.initial_message_id) == (sent.message_id, sent.message_id)
    assert (await bdk.messages().get_message(sent.message_id)).replaced_by == updated.message_id
    history = await bdk.messages().list_messages(room)
    assert [message.message_id for message in history] == [updated.message_id, sent.message_id]
    files = await bdk.messages().list_attachments(room)
    assert [file.name for file in files] == ["report.txt"]
    status = await bdk.messages().get_message_status(sent.message_id)
    assert status.author.display_name == "The Bot"
    relations = await bdk.messages().get_message_relationships(sent.message_id)
    assert relations.replies == []
    assert (await bdk.messages().suppress_message(sent.message_id)).suppressed


async def test_a_blast_names_the_streams_it_did_not_reach(bdk, room):
    blast = await bdk.messages().blast_message([room, "nonsense"], "Hello")
    assert [message.stream.stream_id for message in blast.messages] == [room]
    assert list(blast.errors) == ["nonsense"]


async def test_people_are_found_connected_and_present(bdk):
    users = bdk.users()
    found = await users.search_users(UserSearchQuery(query="adams"), local=False)
    alice = found.users[0].id
    for lookup in [
        users.list_users_by_ids([alice]),
        users.list_users_by_emails(["alice@pod.example"]),
        users.list_users_by_usernames(["alice"]),
    ]:
        assert [user.display_name for user in (await lookup).users] == ["Alice Adams"]

    carol = (2 << 36) + 1
    assert (await bdk.connections().create_connection(carol)).status == "PENDING_OUTGOING"
    assert (await bdk.connections().get_connection(alice)).status == "ACCEPTED"
    assert [connection.user_id for connection in await bdk.connections().list_connections()] == [carol]
    await bdk.connections().remove_connection(carol)

    presences = bdk.presence()
    assert (await presences.set_presence(PresenceStatus.BUSY, False)).category == "BUSY"
    feed = await presences.create_presence_feed()
    await presences.set_presence(PresenceStatus.AWAY, False)
    assert [presence.category for presence in await presences.read_presence_feed(feed)] == ["AWAY"]
    assert await presences.delete_presence_feed(feed) == feed
