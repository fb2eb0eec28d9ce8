"""What came to the pod, why it said no, and what was expected of it."""

from __future__ import annotations

import asyncio
import threading

import pytest
from client import Client

from symphony_mock_pod import ControlError, Pod

LOGIN = "session_authenticate_v1"
ME = "sessioninfo_v2"


def test_the_journal_has_every_call_with_its_answer(pod: Pod, client: Client) -> None:
    client.me()
    client.call("GET", "/nowhere")
    login, me, nowhere = pod.requests()
    assert (login.operation, login.user, login.status, login.refused) == (LOGIN, "bot", 200, False)
    assert (me.method, me.path, me.user, me.response_json["username"]) == ("GET", "/pod/v2/sessioninfo", "bot", "bot")
    assert (nowhere.operation, nowhere.status, nowhere.refused) == (None, 404, True)
    assert nowhere.line.startswith(f"#{nowhere.id} 404 GET /nowhere (bot): ")
    assert pod.requests().dropped == 0


def test_the_journal_is_searched(pod: Pod, client: Client) -> None:
    client.me()
    login = pod.requests(LOGIN)[0]
    client.call("GET", "/nowhere")
    assert [request.operation for request in pod.requests(since=login)] == [ME, None]
    assert [request.status for request in pod.requests(status="4xx")] == [404]
    assert [request.status for request in pod.requests(refused=True)] == [404]
    assert [request.operation for request in pod.requests(user="bot", refused=False)] == [LOGIN, ME]
    assert [request.status for request in pod.requests(limit=1)] == [404]
    assert pod.requests(user="alice") == []
    pod.forget_requests()
    assert pod.requests() == []
    with pytest.raises(ControlError, match=ME):
        pod.requests("sessioninfo_v3")


def test_a_message_is_in_parts(pod: Pod, client: Client) -> None:
    room = pod.user("alice").send("Test Room", "hello").stream_id
    client.send(room, "<messageML>good day</messageML>")
    (sent,) = pod.expect("create_message_v4", user="bot", body="good day")
    assert sent.parts == {"message": "<messageML>good day</messageML>"}
    pod.user("alice").read(sent)
    with pytest.raises(ValueError, match="sent no message"):
        pod.user("alice").read(pod.requests(LOGIN)[0])


def test_json_is_looked_into(pod: Pod, client: Client) -> None:
    client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})
    (made,) = pod.expect("datafeeds_create_v5", body={"tag": "test"})
    assert made.json == {"tag": "test"}
    with pytest.raises(AssertionError, match="body: expected"):
        pod.expect("datafeeds_create_v5", body={"tag": "other"}, within="1ms")


def test_a_refusal_says_why(pod: Pod, client: Client) -> None:
    assert pod.why() is None
    pod.clock.advance("15d")
    assert client.me()[0] == 401
    why = pod.why()
    assert why is not None
    assert why.line.startswith("401 GET /pod/v2/sessioninfo (bot): ")
    assert why.steps[-1][:2] == ("session", False)
    assert str(why).splitlines()[0] == why.line

    good = pod.why(pod.requests(LOGIN)[0])
    assert good is not None and all(ok for _, ok, _ in good.steps)


def test_what_did_not_come_is_told_with_the_nearest(pod: Pod, client: Client) -> None:
    client.me()
    with pytest.raises(AssertionError) as missed:
        pod.expect(ME, user="alice", within="1ms")
    assert "expected 1 at least" in str(missed.value)
    assert 'GET /pod/v2/sessioninfo (bot)\n      user: expected "alice", was "bot"' in str(missed.value)


def test_a_misspelt_name_turns_no_negative_test_green(pod: Pod, client: Client) -> None:
    with pytest.raises(ControlError, match='the nearest is "bot"'):
        pod.expect(LOGIN, user="bott", count=0)
    with pytest.raises(ControlError, match='the nearest is "bot"'):
        pod.requests(user="bott")
    with pytest.raises(ControlError, match=ME):
        pod.expect("sessioninfo_v3", count=0)
    for status in ("9xx", 600):
        with pytest.raises(ControlError) as refused:
            pod.expect(LOGIN, status=status, count=0)
        assert refused.value.field == "status"
        with pytest.raises(ControlError, match="status"):
            pod.requests(status=status)
    # Somebody who is still to come.
    assert pod.expect(LOGIN, user="zoe", strict=False, count=0) == []
    assert pod.requests(user="zoe", strict=False) == []
    # Nor is a pod made by asking it.
    with pytest.raises(ControlError, match=pod.name):
        pod.server.control.post(f"/t/{pod.name}x/_mock/expect", {"operation": LOGIN, "count": 0})


def test_counts_are_exact_or_have_bounds(pod: Pod, client: Client) -> None:
    client.me()
    client.me()
    assert len(pod.expect(ME)) == 2
    assert len(pod.expect(ME, count=2)) == 2
    assert len(pod.expect(ME, at_least=1, at_most=2)) == 2
    assert pod.expect("datafeeds_create_v5", count=0) == []
    with pytest.raises(AssertionError, match="(?s)expected 1, and there were 2.*matched:.*#2 200 GET"):
        pod.expect(ME, count=1, within="1ms")
    with pytest.raises(ValueError, match="exact"):
        pod.expect(ME, count=1, at_least=1)


def test_a_call_is_waited_for(pod: Pod, client: Client) -> None:
    # Nobody outside hears that the pod is being asked. Should the call come before, the test is none the worse.
    later = threading.Timer(0.2, client.me)
    later.start()
    assert len(pod.expect(ME, user="bot", within="20s")) == 1
    later.join()


def test_a_call_is_waited_for_while_the_loop_goes_on(pod: Pod, client: Client) -> None:
    async def act() -> None:
        await asyncio.get_running_loop().run_in_executor(None, client.me)

    async def test() -> None:
        waiting = asyncio.create_task(pod.expect_async(ME, within="20s"))
        # No time passes: it lets the other task begin.
        await asyncio.sleep(0)
        with pytest.raises(AssertionError):
            pod.expect(ME)
        await act()
        assert len(await waiting) == 1
        assert len(pod.expect(ME)) == 1
        with pytest.raises(RuntimeError, match="expect_async"):
            pod.expect(ME, within="1s")

    asyncio.run(test())
