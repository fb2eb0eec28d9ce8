"""What goes wrong because a test wants it to."""

from __future__ import annotations

from typing import Dict

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


@pytest.mark.parametrize(
    ("field", "fault"),
    [("operation", {"operation": "sessioninfo_v3", "status": 503}), ("delay", {"operation": ME, "delay": "soon"})],
)
def test_a_wrong_fault_is_refused_by_its_field(pod: Pod, field: str, fault: Dict[str, object]) -> None:
    with pytest.raises(ControlError) as refusal:
        pod.faults.inject(**fault)  # type: ignore[arg-type]
    assert refusal.value.field == field
