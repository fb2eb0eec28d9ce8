"""Bots as the documentation of the SDK writes them: they answer commands and forms, and each other."""

import asyncio
from contextlib import asynccontextmanager

import pods
import pytest
from administrator import as_person
from bots import certificate, configuration
from listening import listening
from symphony.bdk.core.activity.command import CommandContext
from symphony.bdk.core.activity.form import FormReplyActivity, FormReplyContext
from symphony.bdk.core.activity.help_command import HelpCommand
from symphony.bdk.core.activity.user_joined_room import UserJoinedRoomActivity, UserJoinedRoomContext
from symphony.bdk.core.service.datafeed.real_time_event_listener import RealTimeEventListener
from symphony.bdk.core.service.message.message_parser import get_text_content_from_message
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.gen.pod_model.v2_room_search_criteria import V2RoomSearchCriteria

USERS = [
    {"username": "bot", "accountType": "SYSTEM", "displayName": "Order Bot"},
    {"username": "stranger", "accountType": "SYSTEM"},
    {"username": "alice", "displayName": "Alice Adams"},
    {"username": "bob"},
]
ROOMS = [{"name": "Canteen", "owners": ["stranger"], "members": ["bot", "alice"]}]
MENU = """<messageML>
  <form id="order" multi-submit="no-reset">
    <text-field name="dish" required="true" placeholder="Dish"/>
    <select name="drink"><option value="tea">Tea</option><option value="water">Water</option></select>
    <checkbox name="extras" value="bread">Bread</checkbox>
    <checkbox name="extras" value="salt">Salt</checkbox>
    <button type="action" name="send">Order</button>
    <button type="action" name="forget">Forget it</button>
  </form>
</messageML>"""


@pytest.fixture
def pod(home):
    with pods.described(home, users=USERS, rooms=ROOMS, settings={"datafeedLongPoll": "1s"}) as pod:
        yield pod


@pytest.fixture
async def stranger(pod):
    account = {"username": "stranger", "certificate": certificate(pod.home, "stranger")}
    async with SymphonyBdk(configuration(pod, bot=account)) as stranger:
        yield stranger


@asynccontextmanager
async def at_work(bdk, stranger, requests):
    """The bot listens, and so does the stranger in the same room. Gives what he hears there."""
    async with listening(stranger, requests) as audience, listening(bdk, requests):
        yield audience


def say(pod, user, command):
    """Somebody mentions the bot, by typing its name, and says something to it."""
    return as_person(pod, user, "messages", stream="Canteen", message=f"@Order Bot {command}")


async def canteen(bdk):
    found = await bdk.streams().search_rooms(V2RoomSearchCriteria(query="canteen"))
    return found.rooms[0].room_system_info.id


async def test_a_bot_answers_a_command(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello")
    async def hello(context: CommandContext):
        name = context.initiator.user.display_name
        await bdk.messages().send_message(context.stream_id, f"<messageML>Hello {name}, hope you are well!</messageML>")

    async with at_work(bdk, stranger, requests) as audience:
        say(pod, "alice", "/hello")

        assert await audience.hears_message() == ("alice", "@Order Bot /hello")
        assert await audience.hears_message() == ("bot", "Hello Alice Adams, hope you are well!")


async def test_a_bot_answers_a_command_without_a_mention(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello", False)
    async def hello(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, "Hello")

    async with at_work(bdk, stranger, requests) as audience:
        as_person(pod, "alice", "messages", stream="Canteen", message="/hello")

        assert await audience.hears_message() == ("alice", "/hello")
        assert await audience.hears_message() == ("bot", "Hello")


async def test_a_bot_is_mentioned_by_its_username_too(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello")
    async def hello(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, "Hello")

    async with at_work(bdk, stranger, requests) as audience:
        as_person(pod, "alice", "messages", stream="Canteen", message="@bot /hello")

        assert await audience.hears_message() == ("alice", "@Order Bot /hello")
        assert await audience.hears_message() == ("bot", "Hello")


async def test_a_message_that_is_no_xml_triggers_nothing_and_stops_nothing(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello", False)
    async def hello(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, "Hello")

    odd = '<div data-format="PresentationML" data-version="2.0"><p>/hello&nbsp;</p></div>'
    async with at_work(bdk, stranger, requests) as audience:
        as_person(pod, "alice", "messages", stream="Canteen", presentationML=odd)
        as_person(pod, "alice", "messages", stream="Canteen", message="/hello")

        assert (await audience.hears("MESSAGESENT"))[1].message.message == odd
        assert await audience.hears_message() == ("alice", "/hello")
        assert await audience.hears_message() == ("bot", "Hello")


async def test_a_command_has_arguments_tags_and_mentions_among_them(pod, bdk, stranger, requests):
    said = asyncio.Queue()

    @bdk.activities().slash("/buy {$stock} {number} {@for} {#why}")
    async def buy(context: CommandContext):
        arguments = context.arguments
        await said.put(
            (
                arguments.get_cashtag("stock").value,
                arguments.get_string("number"),
                arguments.get_mention("for").user_display_name,
                arguments.get_hashtag("why").value,
            )
        )

    async with at_work(bdk, stranger, requests):
        say(pod, "alice", "/buy $ibm 12 @Alice Adams #dip")

        assert await said.get() == ("ibm", "12", "Alice Adams", "dip")


async def test_a_bot_that_is_not_mentioned_says_nothing(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello")
    async def hello(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, "Hello")

    async with at_work(bdk, stranger, requests) as audience:
        as_person(pod, "alice", "messages", stream="Canteen", message="/hello")
        say(pod, "alice", "/hello again")
        say(pod, "alice", "/hello")

        for words in ["/hello", "@Order Bot /hello again", "@Order Bot /hello"]:
            assert await audience.hears_message() == ("alice", words)
        assert await audience.hears_message() == ("bot", "Hello")


async def test_a_bot_lists_its_commands(pod, bdk, stranger, requests):
    @bdk.activities().slash("/hello", False, "Says hello")
    async def hello(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, "Hello")

    bdk.activities().register(HelpCommand(bdk))
    async with at_work(bdk, stranger, requests) as audience:
        say(pod, "alice", "/help")

        await audience.hears_message()
        sender, listed = await audience.hears_message()
        assert sender == "bot"
        assert "/hello - Says hello (mention not required)" in listed
        assert "/help - List available commands (mention required)" in listed


class Orders(FormReplyActivity):
    """Takes the orders that come with the form."""

    def __init__(self, messages):
        self.messages = messages

    def matches(self, context: FormReplyContext) -> bool:
        return context.form_id == "order" and context.get_form_value("action") == "send"

    async def on_activity(self, context: FormReplyContext):
        dish, drink, extras = (context.get_form_value(name) for name in ["dish", "drink", "extras"])
        answer = f"{dish} and {drink} with {' and '.join(extras)} for {context.initiator.user.display_name}"
        await self.messages.send_message(context.source_event.stream.stream_id, answer)


async def test_a_bot_shows_a_form_and_takes_the_answer(pod, bdk, stranger, requests):
    @bdk.activities().slash("/menu")
    async def menu(context: CommandContext):
        await bdk.messages().send_message(context.stream_id, MENU)

    bdk.activities().register(Orders(bdk.messages()))
    async with at_work(bdk, stranger, requests) as audience:
        say(pod, "alice", "/menu")
        await audience.hears_message()
        sender, form = await audience.hears("MESSAGESENT")
        assert sender == "bot"
        order = {"dish": "soup", "drink": "tea", "extras": ["bread", "salt"]}
        shown = form.message.message_id

        as_person(pod, "alice", "forms", message=shown, form="order", button="forget", values=order)
        as_person(pod, "alice", "forms", message=shown, form="order", button="send", values=order)

        assert await audience.hears_message() == ("bot", "soup and tea with bread and salt for Alice Adams")


async def test_a_bot_welcomes_who_joins(pod, bdk, stranger, requests):
    class Welcome(UserJoinedRoomActivity):
        def matches(self, context: UserJoinedRoomContext) -> bool:
            return True

        async def on_activity(self, context: UserJoinedRoomContext):
            welcome = f'<messageML>Welcome <mention uid="{context.affected_user_id}"/></messageML>'
            await bdk.messages().send_message(context.stream_id, welcome)

    bdk.activities().register(Welcome())
    async with at_work(bdk, stranger, requests) as audience:
        bob = (await bdk.users().list_users_by_usernames(["bob"])).users[0].id
        room = await canteen(stranger)
        await stranger.streams().add_member_to_room(bob, room)

        assert await audience.hears_message() == ("bot", "Welcome @bob")


async def test_two_bots_hear_each_other_and_not_themselves(bdk, stranger, requests):
    class Echo(RealTimeEventListener):
        async def on_message_sent(self, initiator, event):
            text = get_text_content_from_message(event.message)
            await bdk.messages().send_message(event.message.stream.stream_id, f"<b>{text}</b>, you said")

    bdk.datafeed().subscribe(Echo())
    async with listening(stranger, requests) as one, listening(bdk, requests) as other:
        room = await canteen(stranger)
        for words in ["Anybody there?", "Again"]:
            await stranger.messages().send_message(room, words)

            assert await other.hears_message() == ("stranger", words)
            assert await one.hears_message() == ("bot", f"{words}, you said")

    assert one.hears_nothing_more()
    assert other.hears_nothing_more()
