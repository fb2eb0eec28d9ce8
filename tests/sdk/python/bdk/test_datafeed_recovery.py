"""What goes wrong under a bot that listens, and how each release gets over it, or does not."""

from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

import pods
import pytest
from administrator import advance_clock, as_person, call, log_out
from bots import CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, certificate_bot
from listening import RETRY_FOR_EVER, listening
from symphony.bdk.core.symphony_bdk import SymphonyBdk

USERS = [{"username": "bot", "accountType": "SYSTEM"}, {"username": "alice"}]
ROOMS = [{"name": "Den", "owners": ["alice"], "members": ["bot"]}]
FEEDS = "/agent/v5/datafeeds"


@asynccontextmanager
async def listening_bot(home, requests, feed=SymphonyBdk.datafeed, settings=None, **changes):
    """A bot on a pod of its own, which has heard that all is well. Gives both, and its ear."""
    settings = {"datafeedLongPoll": "1s", "datafeedDeleteStatus": 200} | (settings or {})
    with pods.described(home, users=USERS, rooms=ROOMS, settings=settings) as pod:
        changes = {"datafeed": {"version": "v2", "retry": RETRY_FOR_EVER}} | changes
        async with (
            SymphonyBdk(certificate_bot(pod, **changes)) as bdk,
            listening(bdk, requests, feed(bdk)) as ear,
        ):
            # Its registry of activities asks who it is at the first event, whenever it gets to that.
            await bdk.activities().fetch_bot_info()
            await hears(pod, ear, "All is well")
            yield pod, bdk, ear


async def hears(pod, ear, words):
    as_person(pod, "alice", "messages", stream="Den", message=words)
    assert await ear.hears_message() == ("alice", words)


@contextmanager
def release_3_dies():
    """`gen/agent_api/datafeed_api.py` of 3.0.0 makes a `V2Error` of the empty body of a 204. Other releases live."""
    if version("symphony_bdk_python") != "3.0.0":
        yield
        return
    with pytest.raises(ExceptionGroup) as death:
        yield
    assert "V2Error" in str(death.value.exceptions)


def feeds_read(requests):
    return {request.removesuffix("/read") for request in requests if request.startswith(f"POST {FEEDS}/")}


async def test_400_a_bot_deletes_the_feed_and_makes_another(home, requests):
    async with listening_bot(home, requests) as (pod, bdk, ear):
        token = await bdk.bot_session().session_token
        (old,) = call(pod, "GET", FEEDS, token)
        requests.clear()
        call(pod, "DELETE", f"{FEEDS}/{old['id']}", token)
        await requests.has(f"POST {FEEDS}")
        await requests.reads_other_than(f"POST {FEEDS}/{old['id']}/read")
        await hears(pod, ear, "Back again")

    recovery = [request for request in requests if not request.endswith("/read")]
    assert recovery == [f"DELETE {FEEDS}/{old['id']}", f"POST {FEEDS}"]


async def test_400_release_3_dies_of_the_documented_answer_to_the_deletion(home, requests):
    with release_3_dies():
        async with listening_bot(home, requests, settings={"datafeedDeleteStatus": 204}) as (pod, bdk, ear):
            token = await bdk.bot_session().session_token
            (old,) = call(pod, "GET", FEEDS, token)
            call(pod, "DELETE", f"{FEEDS}/{old['id']}", token)
            await requests.reads_other_than(f"POST {FEEDS}/{old['id']}/read")
            await hears(pod, ear, "Back again")


async def test_401_a_bot_logs_in_again_and_reads_the_same_feed(home, requests):
    async with listening_bot(home, requests) as (pod, bdk, ear):
        ended = await bdk.bot_session().session_token
        requests.clear()
        log_out(pod, ended)
        await requests.has(CERTIFICATE_LOGIN)
        await hears(pod, ear, "Back again")

    recovery = [request for request in requests if not request.endswith("/read")]
    assert recovery == [CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER]
    assert len(feeds_read(requests)) == 1


async def test_401_a_bot_outlives_its_session(home, requests):
    # A feed that nobody reads when the clock moves is too old as well, unless it may grow as old.
    async with listening_bot(home, requests, settings={"datafeedTtl": "30d"}) as (pod, _, ear):
        requests.clear()
        advance_clock(pod, "15d")
        await requests.has(CERTIFICATE_LOGIN)
        await hears(pod, ear, "Back again")

    assert f"POST {FEEDS}" not in requests


async def test_401_a_bot_on_datafeed_1_logs_in_again(home, requests, tmp_path):
    datafeed = {"version": "v1", "idFilePath": str(tmp_path), "retry": RETRY_FOR_EVER}
    async with listening_bot(home, requests, datafeed=datafeed) as (pod, bdk, ear):
        requests.clear()
        log_out(pod, await bdk.bot_session().session_token)
        await requests.has(CERTIFICATE_LOGIN)
        await hears(pod, ear, "Back again")

    assert "POST /agent/v4/datafeed/create" not in requests


async def test_401_a_bot_on_a_datahose_logs_in_again(home, requests):
    datahose = {"tag": "all", "eventTypes": ["MESSAGESENT"], "retry": RETRY_FOR_EVER}
    async with listening_bot(home, requests, SymphonyBdk.datahose, datahose=datahose) as (pod, bdk, ear):
        log_out(pod, await bdk.bot_session().session_token)
        requests.clear()
        await requests.has(CERTIFICATE_LOGIN)
        await hears(pod, ear, "Back again")


@pytest.mark.parametrize("release", ["v1", "v2"])
async def test_a_bot_that_was_away_too_long_makes_a_new_feed(home, requests, release, tmp_path):
    settings = {"datafeedLongPoll": "1s"}
    datafeed = {"version": release, "idFilePath": str(tmp_path), "retry": RETRY_FOR_EVER}
    create = {"v1": "POST /agent/v4/datafeed/create", "v2": f"POST {FEEDS}"}[release]
    with pods.described(home, users=USERS, rooms=ROOMS, settings=settings) as pod:
        config = certificate_bot(pod, datafeed=datafeed)
        async with SymphonyBdk(config) as bdk, listening(bdk, requests) as ear:
            await hears(pod, ear, "Before")
        advance_clock(pod, "31m")
        requests.clear()
        async with SymphonyBdk(config) as bdk, listening(bdk, requests) as ear:
            await requests.has(create)
            await requests.reads(await bdk.bot_session().session_token, 2)
            await hears(pod, ear, "After")
