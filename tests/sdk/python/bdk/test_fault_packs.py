"""Incidents that the pod has by name, and how each release gets over them, or does not."""

import asyncio

import pytest
from administrator import advance_clock, as_person, control
from bots import CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER
from test_datafeed_recovery import FEEDS, hears, listening_bot, release_3_dies

FAULTS = "/_mock/faults"


def unleash(pod, pack, **more):
    """Has the incident happen. Gives the id of the fault."""
    return control(pod, "POST", FAULTS, {"pack": pack, "user": "bot", **more})["id"]


async def meets(pod, fault, times=1):
    """Waits until the bot has met the fault so often."""
    while True:
        faults = (await asyncio.to_thread(control, pod, "GET", FAULTS))["faults"]
        if next(known for known in faults if known["id"] == fault)["fired"] >= times:
            return


def recovery(requests):
    return [request for request in requests if not request.endswith("/read")]


async def test_session_expired_a_bot_logs_in_again(home, requests):
    async with listening_bot(home, requests) as (pod, _, ear):
        requests.clear()
        await meets(pod, unleash(pod, "session-expired"))
        await hears(pod, ear, "Back again")

    assert recovery(requests) == [CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER]


async def test_feed_expired_a_bot_makes_another_feed(home, requests):
    async with listening_bot(home, requests) as (pod, _, ear):
        requests.clear()
        await meets(pod, unleash(pod, "feed-expired"))
        await requests.has(f"POST {FEEDS}")
        await requests.reads_other_than(requests[0])
        await hears(pod, ear, "Back again")

    deletion, creation = recovery(requests)
    assert deletion.startswith(f"DELETE {FEEDS}/")
    assert creation == f"POST {FEEDS}"


async def test_feed_expired_release_3_dies_where_the_deletion_is_answered_as_documented(home, requests):
    with release_3_dies():
        async with listening_bot(home, requests, settings={"datafeedDeleteStatus": 204}) as (pod, _, ear):
            requests.clear()
            await meets(pod, unleash(pod, "feed-expired"))
            await requests.reads_other_than(requests[0])
            await hears(pod, ear, "Back again")


@pytest.mark.parametrize("pack", ["pod-maintenance", "agent-down"])
async def test_an_outage_is_waited_out_on_the_same_feed(home, requests, pack):
    async with listening_bot(home, requests) as (pod, _, ear):
        requests.clear()
        outage = unleash(pod, pack)
        await meets(pod, outage, 3)
        control(pod, "DELETE", f"{FAULTS}/{outage}")
        await hears(pod, ear, "Back again")

    assert recovery(requests) == []
    assert len(set(requests)) == 1


async def test_rate_limited_a_bot_tries_again_until_it_may(home, requests):
    async with listening_bot(home, requests) as (pod, _, ear):
        requests.clear()
        await meets(pod, unleash(pod, "rate-limited"), 3)
        await hears(pod, ear, "Back again")

    assert recovery(requests) == []


async def test_slow_longpoll_what_was_said_is_heard_late(home, requests):
    async with listening_bot(home, requests) as (pod, _, ear):
        slow = unleash(pod, "slow-longpoll")
        await meets(pod, slow)
        as_person(pod, "alice", "messages", stream="Den", message="Late")
        assert ear.hears_nothing_more()
        advance_clock(pod, "25s")
        assert await ear.hears_message() == ("alice", "Late")
        control(pod, "DELETE", f"{FAULTS}/{slow}")
        await hears(pod, ear, "Back again")


async def test_key_manager_unregistered_a_bot_that_has_to_log_in_dies(home, requests):
    """No release tries a login again that is refused with 403, nor takes it for one that is unauthorized."""
    with pytest.raises(ExceptionGroup) as death:
        async with listening_bot(home, requests) as (pod, _, ear):
            unleash(pod, "key-manager-unregistered")
            requests.clear()
            await meets(pod, unleash(pod, "session-expired"))
            await ear.hears_message()

    (failure,) = death.value.exceptions
    assert failure.status == 403
    assert "KeyManager is not registered" in str(failure)
    assert recovery(requests) == [CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER]


async def test_key_manager_unregistered_for_a_moment_is_got_over(home, requests):
    """What is no refusal but a failure is tried again: the status of this incident is not documented."""
    async with listening_bot(home, requests) as (pod, _, ear):
        unleash(pod, "key-manager-unregistered", status=500, times=1)
        requests.clear()
        await meets(pod, unleash(pod, "session-expired"))
        await hears(pod, ear, "Back again")

    assert recovery(requests).count(CERTIFICATE_LOGIN_TO_KEY_MANAGER) == 2
