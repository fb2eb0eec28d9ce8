"""What a test does to its pod and asks of it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, List

import pytest
from client import Client

from symphony_mock_pod import ControlError, Pod, Server

FORM = '<messageML><form id="order"><text-field name="dish"/><button name="send" type="action">Go</button></form></messageML>'


def test_a_session_ends_by_the_pods_clock(pod: Pod, client: Client) -> None:
    assert client.me()[0] == 200
    before = pod.clock.freeze()
    assert pod.clock.advance("15d") == before + timedelta(days=15)
    assert client.me()[0] == 401


def test_the_clock_takes_what_python_has(pod: Pod) -> None:
    moment = datetime(2031, 2, 3, 4, 5, 6, 789000, tzinfo=timezone.utc)
    pod.clock.freeze()
    assert pod.clock.set(moment) == moment
    assert pod.clock.now == moment
    assert pod.clock.advance(1.5) == moment + timedelta(seconds=1.5)
    assert pod.clock.advance(timedelta(minutes=2)) == moment + timedelta(minutes=2, seconds=1.5)
    assert pod.clock.set("2031-02-03T04:05:06.789Z") == moment
    assert pod.clock.frozen
    pod.clock.run()
    assert not pod.clock.frozen
    with pytest.raises(ValueError, match="time zone"):
        pod.clock.set(datetime(2031, 2, 3))
    with pytest.raises(ValueError, match="negative"):
        pod.clock.advance(-1)


def test_a_wrong_duration_is_refused_by_its_field(pod: Pod) -> None:
    with pytest.raises(ControlError, match="by: .*duration") as refusal:
        pod.clock.advance("soon")
    assert (refusal.value.status, refusal.value.field) == (400, "by")


def events(client: Client, feed: str) -> List[Any]:
    status, answer = client.call("POST", f"/agent/v5/datafeeds/{feed}/read", {"ackId": ""})
    assert status == 200, answer
    return list(answer["events"])


def test_people_act_and_bots_hear_of_it(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    alice = pod.user("alice")
    hello = alice.send("Test Room", "hello & good day")
    answer = pod.user("bob").send("Test Room", "hello", reply_to=hello)
    alice.read(answer)
    alice.read(answer, delivered_only=True)

    heard = [event["payload"]["messageSent"]["message"] for event in events(client, feed)]
    assert [message["messageId"] for message in heard] == [hello.message_id, answer.message_id]
    assert "hello &amp; good day" in heard[0]["message"]
    assert hello.stream_id == answer.stream_id
    assert hello.sent.tzinfo is timezone.utc


def test_people_answer_forms(pod: Pod, client: Client) -> None:
    room = pod.user("alice").send("Test Room", "Anything to eat?").stream_id
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    form = client.send(room, FORM)["messageId"]

    pod.user("alice").submit_form(form, {"dish": "soup"}, form="order", button="send")

    (event,) = [event for event in events(client, feed) if event["type"] == "SYMPHONYELEMENTSACTION"]
    action = event["payload"]["symphonyElementsAction"]
    assert (action["formId"], action["formValues"]) == ("order", {"action": "send", "dish": "soup"})
    with pytest.raises(ControlError) as refusal:
        pod.user("alice").submit_form(form, {"colour": "blue"}, form="order", button="send")
    assert refusal.value.field == "values"


def test_people_connect_across_pods(pod: Pod) -> None:
    assert pod.user("carol").connect("bot") is False
    with pytest.raises(ControlError):
        pod.user("carol").connect("bot", "accept")


def test_a_system_speaks_up_in_a_stream(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    pod.system_event("Test Room", "mail", "arrived", {"from": "dora"})
    assert len(events(client, feed)) == 1


def test_nobody_is_called_so(pod: Pod) -> None:
    with pytest.raises(ControlError, match="nobody-at-all") as refusal:
        pod.user("nobody-at-all").send("Test Room", "hello")
    assert refusal.value.status == 404


def test_the_front_end_of_an_app_learns_of_its_user(pod: Pod) -> None:
    assert pod.identity_jwt("app", "alice").count(".") == 2


def test_a_bot_has_its_files_in_every_format(pod: Pod) -> None:
    bot = pod.bot("bot")
    assert b"BEGIN CERTIFICATE" in bot.certificate_path.read_bytes()
    assert b"PRIVATE KEY" in bot.private_key_path.read_bytes()
    assert b"BEGIN CERTIFICATE" in bot.trust_store_path.read_bytes()
    assert bot.file(".p12").stat().st_size > 0
    with pytest.raises(ControlError):
        pod.bot("nobody-at-all").certificate_path


def test_a_bot_has_a_configuration_of_the_bdk(pod: Pod, symphony_pod: Server) -> None:
    settings = pod.bot("bot", datahose={"eventTypes": ["MESSAGESENT"]}).settings
    assert (settings["host"], settings["port"], settings["context"]) == ("localhost", symphony_pod.port, f"/t/{pod.name}")
    assert settings["bot"]["username"] == "bot"
    assert Path(settings["bot"]["privateKey"]["path"]).exists()
    assert Path(settings["ssl"]["trustStore"]["path"]).exists()
    assert settings["datahose"] == {"eventTypes": ["MESSAGESENT"]}

    by_certificate = pod.bot("bot", auth="certificate", app="app")
    assert json.loads(by_certificate.config_path.read_text()) == by_certificate.settings
    assert set(by_certificate.settings["bot"]) == {"username", "certificate"}
    assert Path(by_certificate.settings["app"]["certificate"]["path"]).exists()

    with pytest.raises(ValueError, match="password"):
        pod.bot("bot", auth="password")


def test_the_configuration_is_plain_where_there_is_no_bdk(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "symphony", None)
    bot = pod.bot("bot")
    assert bot.config == bot.settings


@pytest.mark.parametrize("auth", ["rsa", "certificate"])
def test_the_bdk_logs_in(pod: Pod, auth: str) -> None:
    bdk = pytest.importorskip("symphony.bdk.core.symphony_bdk")

    async def who() -> Any:
        async with bdk.SymphonyBdk(pod.bot("bot", auth=auth).config) as bot:
            return (await bot.sessions().get_session()).username

    assert asyncio.run(who()) == "bot"


def test_an_app_acts_for_a_user(pod: Pod) -> None:
    bdk = pytest.importorskip("symphony.bdk.core.symphony_bdk")

    async def who() -> Any:
        async with bdk.SymphonyBdk(pod.bot("bot", app="app").config) as bot:
            session = bot.obo(username="alice")
            return await session.session_token

    assert asyncio.run(who()).count(".") == 2


def test_a_pod_goes_back_to_a_snapshot_and_to_its_seed(pod: Pod) -> None:
    pod.clock.freeze()
    start = pod.clock.now
    snapshot = pod.snapshot("before")
    pod.clock.advance("1h")
    chosen = pod.snapshot()
    assert {snapshot.name for snapshot in pod.snapshots()} == {"before", chosen.name}
    snapshot.restore()
    assert pod.clock.now == start
    pod.restore(chosen.name)
    assert pod.clock.now == start + timedelta(hours=1)
    with snapshot.pod(f"{pod.name}-again") as again:
        assert again.clock.now == start
    snapshot.delete()
    with pytest.raises(ControlError, match="before"):
        snapshot.restore()
    pod.reset()
    assert not pod.clock.frozen


