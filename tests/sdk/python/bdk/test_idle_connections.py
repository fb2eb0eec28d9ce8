"""Load balancers and agents end connections that are idle; a bot takes them out of its pool and finds them dead."""

import pods
from administrator import as_person, control
from bots import certificate_bot
from listening import listening
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from test_datafeed_recovery import ROOMS, USERS, hears


def close_idle(pod):
    """Gives how many there were."""
    return control(pod, "POST", "/_mock/connections/close")["closed"]


async def test_a_bot_calls_on_when_its_idle_connections_have_ended(home):
    with pods.described(home, users=USERS, rooms=ROOMS) as pod:
        async with SymphonyBdk(certificate_bot(pod)) as bdk:
            room = as_person(pod, "alice", "messages", stream="Den", message="hello")["streamId"]
            for n in range(3):
                assert (await bdk.sessions().get_session()).username == "bot"
                # The event loop has not heard yet that they ended.
                assert close_idle(pod) > 0
                await bdk.messages().send_message(room, f"<messageML>{n}</messageML>")
                assert close_idle(pod) > 0

        sent = control(pod, "GET", "/_mock/requests?operation=create_message_v4")["requests"]
    assert [call["status"] for call in sent] == [200, 200, 200], "each was sent once"


async def test_a_bot_hears_on_when_its_idle_connections_have_ended(home, requests):
    settings = {"datafeedLongPoll": "1s"}
    with pods.described(home, users=USERS, rooms=ROOMS, settings=settings) as pod:
        async with SymphonyBdk(certificate_bot(pod)) as bdk, listening(bdk, requests) as ear:
            await bdk.activities().fetch_bot_info()
            for words in ("All is well", "Back again", "And again"):
                await hears(pod, ear, words)
                # That of the read under way is not idle.
                close_idle(pod)
