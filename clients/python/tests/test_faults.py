"""What goes wrong because a test wants it to."""

from __future__ import annotations

import inspect
from typing import Any, Dict, List

import pytest
from client import Client

from symphony_mock_pod import ControlError, Pod

ME = "sessioninfo_v2"


def test_a_fault_ends_with_its_block(pod: Pod, client: Client) -> None:
    with pod.faults.inject(ME, status=503, name="overload", retry_after=1) as fault:
        assert client.me()[0] == 503
        assert [active["id"] for active in pod.faults.active()] == [fault.id]
    assert client.me()[0] == 200
    assert pod.faults.active() == []
    assert [request.fault for request in pod.requests(ME)] == ["overload", None]


def test_a_fault_strikes_as_often_as_it_says(pod: Pod, client: Client) -> None:
    pod.faults.inject(ME, user="bot", nth=2, times=1, status=429, body={"code": 429}, headers={"x-more": "1"})
    assert [client.me()[0] for _ in range(3)] == [200, 429, 200]


def test_a_fault_for_somebody_else_strikes_nobody(pod: Pod, client: Client) -> None:
    pod.faults.inject(ME, user="bot2", status=503)
    assert client.me()[0] == 200
    pod.faults.clear()
    assert pod.faults.active() == []


def test_a_session_ends_when_it_is_told_to(pod: Pod, client: Client) -> None:
    with pod.faults.inject([ME], times=1, expire_session=True):
        assert client.me()[0] == 401
    assert client.log_in().me()[0] == 200


def test_a_feed_keeps_its_events_back(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    pod.user("alice").send("Test Room", "hello")
    read = f"/agent/v5/datafeeds/{feed}/read"
    with pod.faults.inject("datafeeds_read_v5", withhold_events=1):
        status, answer = client.call("POST", read, {"ackId": ""})
        assert status == 200 and not answer["events"]
    assert len(client.call("POST", read, {"ackId": ""})[1]["events"]) == 1


def test_faults_of_the_field_go_by_their_names(pod: Pod, client: Client) -> None:
    assert "feed-expired" in {pack["pack"] for pack in pod.faults.packs()}
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    with pod.faults.pack("feed-expired"):
        assert client.call("POST", f"/agent/v5/datafeeds/{feed}/read", {"ackId": ""})[0] == 400


def test_answers_say_what_the_bot_does_not_know(pod: Pod, client: Client) -> None:
    with pod.faults.inject(ME, add_fields={"sinceTomorrow": {"a": 1}}, set_fields={"username": "another"}):
        told = client.me()[1]
    assert told["sinceTomorrow"] == {"a": 1} and told["username"] == "another"


def test_a_made_up_event_comes_out_of_a_real_feed(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    event = {"type": "SOMETHINGNEW", "payload": None}
    pod.faults.inject("datafeeds_read_v5", add_events=[event], times=1)
    assert client.call("POST", f"/agent/v5/datafeeds/{feed}/read", {"ackId": ""})[1]["events"] == [event]


def test_components_are_down(pod: Pod, client: Client) -> None:
    with pod.faults.inject(unhealthy=["datafeed", "ceservice"]):
        status, health = client.call("GET", "/agent/v3/health/extended")
    assert status == 503
    assert health["services"]["datafeed"]["status"] == health["users"]["ceservice"]["status"] == "DOWN"
    assert health["services"]["pod"]["status"] == "UP"


def test_faults_begin_and_end_together(pod: Pod, client: Client) -> None:
    others: List[Dict[str, Any]] = [
        {"operation": "datafeeds_*", "status": 500, "retry_after": 3},
        {"pack": "rate-limited", "operation": ["streams_list_v1"]},
    ]
    with pod.faults.inject(ME, status=503, also=others):
        assert client.me()[0] == 503
        assert client.call("GET", "/agent/v5/datafeeds")[0] == 500
        assert client.call("POST", "/pod/v1/streams/list", {})[0] == 429
    assert client.call("GET", "/agent/v5/datafeeds")[0] == 200
    with pod.faults.pack("rate-limited", operation=ME, name="busy", retry_after=7, also=others[:1]) as fault:
        assert client.me()[0] == 429 and client.call("GET", "/agent/v5/datafeeds")[0] == 500
        assert fault.document["name"] == "busy" and fault.document["headers"]["retry-after"] == "7"


#: What each argument is given, and what the pod makes of it.
EVERYTHING: List[Dict[str, Any]] = [
    {"probability": 0.5, "in_a_row": 2, "hang": True, "strict": False, "user": "somebody"},
    {"status": 500, "body": {"code": 1}, "headers": {"x-a": "b"}, "retry_after": 0, "name": "n", "nth": 2, "times": 3},
    {"status": 200, "body": False},
    {"delay": 1.5},
    {"reset": True},
    {"cut_body": True},
    {"malformed_json": True},
    {"content_type": ""},
    {"expire_session": True},
    {"operation": "datafeeds_read_v5", "lose_feed": True},
    {"duplicate_events": True, "reorder_events": True},
    {"withhold_events": "2s"},
    {"withhold_events": 2},
    {"add_fields": {"a": None}, "set_fields": {"b": [1]}},
    {"add_events": [None]},
    {"unhealthy": ("pod",)},
    {"listener": "main", "status": 500},
]
#: What only the main pod understands.
OF_CONNECTIONS = {"refuse_connections", "end_handshakes"}


def test_the_pod_understands_every_argument(pod: Pod) -> None:
    given = set().union(*EVERYTHING)
    with pod.faults.inject(also=EVERYTHING[1:], **EVERYTHING[0]):
        told = pod.faults.active()
    names = {field for plan in told for field in plan}
    assert names >= {
        *("probability", "inARow", "hang", "strict", "user", "status", "body", "name", "nth", "times", "delay", "reset"),
        *("headers", "cutBody", "malformedJson", "contentType", "expireSession", "loseFeed", "duplicateEvents"),
        *("reorderEvents", "withholdEvents", "addFields", "setFields", "addEvents", "unhealthy", "listener"),
    }
    arguments = set(inspect.signature(pod.faults.inject).parameters)
    assert arguments == given | OF_CONNECTIONS | {"also"}
    assert told[1]["headers"] == {"x-a": "b", "retry-after": "0"} and told[2]["body"] is False
    assert told[3]["delay"] == "1s 500ms" and told[11]["withholdEvents"] == "2s" and told[12]["withholdEvents"] == 2


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        ("operation", {"operation": "sessioninfo_v3", "status": 503}),
        ("delay", {"operation": ME, "delay": "soon"}),
        ("nth", {"operation": ME, "status": 503, "nth": 0}),
        ("unhealthy", {"unhealthy": ["heart"]}),
        ("stauts", {"operation": ME, "reset": True, "also": [{"operation": ME, "stauts": 503}]}),
    ],
)
def test_a_wrong_fault_is_refused_by_its_field(pod: Pod, field: str, fault: Dict[str, object]) -> None:
    with pytest.raises(ControlError) as refusal:
        pod.faults.inject(**fault)  # type: ignore[arg-type]
    assert refusal.value.field == field
