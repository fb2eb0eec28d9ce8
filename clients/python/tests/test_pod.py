"""What a test does to its pod and asks of it."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from concurrent.futures import Future, ThreadPoolExecutor
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
        pod.user("bob").submit_form(form, {"colour": "blue"}, form="order", button="send")
    assert refusal.value.field == "values"
    with pytest.raises(ControlError, match="multi-submit"):
        pod.user("alice").submit_form(form, {"dish": "soup"})
    pod.user("alice").submit_form(form, {"dish": "soup"}, force=True)


def test_people_type_and_say_verbatim_what_they_would_not(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    odd = '<div data-format="PresentationML" data-version="2.0">a&nbsp;b</div>'
    alice = pod.user("alice")
    alice.send("Test Room", "@bot /help")
    alice.send("Test Room", message_ml="<messageML><b>x</b></messageML>")
    sent = alice.send("Test Room", presentation_ml=odd, data="{}")
    alice.edit(sent, presentation_ml=odd)

    said = [event["payload"]["messageSent"]["message"]["message"] for event in events(client, feed)]
    assert '<p><span class="entity" data-entity-id="0">@Test Bot</span> /help</p>' in said[0]
    assert "<b>x</b>" in said[1]
    assert said[2:] == [odd, odd]


def test_people_ignore_warnings_of_policies(pod: Pod) -> None:
    part = {"action": "Warn", "dictionaries": ["Clients"]}
    pod.merge(
        {
            "dlpDictionaries": [{"name": "Clients", "terms": ["Acme Ltd"]}],
            "dlpPolicies": [{"name": "Client names", "appliesTo": [part]}],
        }
    )
    alice = pod.user("alice")
    with pytest.raises(ControlError, match="Client names"):
        alice.send("Test Room", "Acme Ltd buys")
    sent = alice.send("Test Room", "Acme Ltd buys", ignore_warning=True)
    with pytest.raises(ControlError, match="Client names"):
        alice.edit(sent, "Acme Ltd sells")
    alice.edit(sent, "Acme Ltd sells", ignore_warning=True)
    assert alice.messages("Test Room")[-1].text == "Acme Ltd sells"


def test_a_bot_that_does_not_listen_is_told(pod: Pod) -> None:
    with pytest.raises(AssertionError, match="has no feed"):
        pod.listening("bot", within=0.01)
    with pytest.raises(ControlError, match="is a person"):
        pod.listening("alice")


def test_what_is_said_to_a_bot_that_listens_is_heard_after_a_recovery_too(pod: Pod, client: Client) -> None:
    def feed() -> str:
        return str(client.call("POST", "/agent/v5/datafeeds", {})[1]["id"])

    def read(feed: str) -> "Future[Any]":
        return threads.submit(client.call, "POST", f"/agent/v5/datafeeds/{feed}/read", {"ackId": ""})

    with ThreadPoolExecutor() as threads:
        first = feed()
        reading = read(first)
        assert pod.listening("bot", within="20s") == first
        pod.user("alice").send("Test Room", "one")
        status, heard = reading.result()
        assert (status, len(heard["events"])) == (200, 1)

        pod.lose_feed(first)
        second = feed()
        reading = read(second)
        assert pod.listening("bot", after=first, within="20s") == second
        pod.user("alice").send("Test Room", "two")
        (event,) = reading.result()[1]["events"]
    assert "two" in event["payload"]["messageSent"]["message"]["message"]


def test_people_change_their_minds(pod: Pod, client: Client) -> None:
    hello = pod.user("alice").send("Test Room", "hello")
    edited = pod.user("alice").edit(hello, "good day")
    status, message = client.call("GET", f"/agent/v1/message/{edited.message_id}")
    assert status == 200 and "good day" in message["message"]


def test_sessions_and_feeds_end_when_a_test_says_so(pod: Pod, client: Client) -> None:
    status, feed = client.call("POST", "/agent/v5/datafeeds", {})
    assert status == 201
    pod.lose_feed(feed["id"])
    assert client.call("POST", f"/agent/v5/datafeeds/{feed['id']}/read", {"ackId": ""})[0] == 400
    pod.end_sessions("bot")
    assert client.call("GET", "/pod/v2/sessioninfo")[0] == 401


def test_people_come_and_go(pod: Pod) -> None:
    bob = pod.user("bob")
    lunch = pod.user("alice").open_room("Lunch", public=True)
    with pytest.raises(ControlError):
        bob.send(lunch, "not yet")
    bob.join("Lunch")
    assert bob.send("Lunch", "hello").stream_id == lunch
    bob.leave(lunch)
    with pytest.raises(ControlError):
        bob.send(lunch, "not any more")
    pod.user("alice").invite("Lunch", "bob")
    said = bob.send(lunch, "back again")
    bob.suppress(said)
    assert [message.text for message in bob.messages("Lunch")] == ["hello"]
    pod.user("alice").remove_member("Lunch", "bob")
    with pytest.raises(ControlError):
        bob.send(lunch, "sent away")
    bob.be("BUSY")


def test_people_talk_to_bots_in_private(pod: Pod, client: Client) -> None:
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    chat = pod.user("alice").talk_to("bot")
    hello = pod.user("alice").send(chat, "hello")
    sent = [event["payload"]["messageSent"]["message"] for event in events(client, feed) if event["type"] == "MESSAGESENT"]
    assert [message["messageId"] for message in sent] == [hello.message_id]


def test_people_answer_by_themselves(pod: Pod, client: Client) -> None:
    room = pod.user("alice").send("Test Room", "hello").stream_id
    feed = client.call("POST", "/agent/v5/datafeeds", {"tag": "test"})[1]["id"]
    with pod.user("alice").answer("yes", when={"matches": "lunch", "from": "bot"}, times=2) as answer:
        client.send(room, "<messageML>tea?</messageML>")
        assert answer.done == 0
        client.send(room, "<messageML>lunch?</messageML>")
        assert (answer.done, answer.failed) == (1, None)
    client.send(room, "<messageML>lunch?</messageML>")
    said = [event["payload"]["messageSent"]["message"]["message"] for event in events(client, feed)]
    assert sum("yes" in message for message in said) == 1

    pod.user("bob").answer(form={"dish": "soup"}, button="send")
    client.send(room, FORM)
    assert "SYMPHONYELEMENTSACTION" in {event["type"] for event in events(client, feed)}
    pod.user("bob").forget_answers()


def test_people_connect_across_pods(pod: Pod) -> None:
    assert pod.user("carol").connect("bot") is False
    with pytest.raises(ControlError):
        pod.user("carol").connect("bot", "accept")


def test_people_follow_and_subscribe(pod: Pod) -> None:
    alice, bob = pod.user("alice"), pod.user("bob")
    bob.follow("alice")
    assert [follow["follower"] for follow in pod.scenario["follows"]] == ["bob"]
    bob.unfollow("alice")
    assert "follows" not in pod.scenario

    signal = alice.create_signal("Gold", "HASHTAG:gold", company_wide=True)
    bob.subscribe(signal)
    said = alice.send("Test Room", "up again #gold")
    assert [message["messageId"] for message in bob.shown_by_signal(signal)] == [said.message_id]
    with pytest.raises(ControlError, match="company-wide"):
        bob.unsubscribe(signal)
    with pytest.raises(ControlError):
        bob.subscribe("nonsense")


def test_searches_by_meaning_find_what_the_test_says(pod: Pod) -> None:
    alice = pod.user("alice")
    lunch, tea = alice.send("Test Room", "lunch is ready"), alice.send("Test Room", "tea time")
    found = alice.search_by_meaning("lunch", "Test Room")
    assert [message["messageId"] for message in found] == [lunch.message_id]
    pod.plan_semantic_search("lunch", tea)
    assert [message["messageId"] for message in alice.search_by_meaning("lunch")] == [tea.message_id]
    pod.forget_semantic_searches()
    assert [message["messageId"] for message in alice.search_by_meaning("lunch")] == [lunch.message_id]


def test_the_audit_trail_tells_what_an_administrator_did(pod: Pod) -> None:
    assert pod.audit("Room Deactivated", "alice", "bob", roles=["ADMINISTRATOR"], scope="Internal") == "roomDeactivated"
    (entry,) = pod.scenario["auditTrail"]
    assert (entry["initiator"], entry["affected"], entry["roles"]) == ("alice", "bob", ["ADMINISTRATOR"])
    assert entry["details"] == {"scope": "Internal"}
    with pytest.raises(ControlError, match="nobody"):
        pod.audit("Room Deactivated", "nobody")


def test_a_partner_has_a_token_that_is_good(pod: Pod) -> None:
    token = pod.partner_token("term inal")
    assert token.count(".") == 2
    assert [partner["name"] for partner in pod.scenario["communityConnect"]["partners"]] == ["term inal"]


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


def test_a_pod_is_told_as_a_scenario_that_starts_another(pod: Pod, symphony_pod: Server) -> None:
    told = pod.scenario
    assert {"bot", "alice"} <= {user["username"] for user in told["users"]}
    with symphony_pod.pod(f"{pod.name}-again", scenario=told) as again:
        assert Client(again).log_in().me()[0] == 200


def test_a_pod_starts_anew_from_a_scenario_and_takes_another_in(pod: Pod, tmp_path: Path) -> None:
    pod.load({"users": [{"username": "trade-bot", "accountType": "SYSTEM"}]})
    Client(pod, "trade-bot").log_in()
    with pytest.raises(ControlError):
        pod.user("alice").send("Test Room", "hello")

    more = tmp_path / "more.yaml"
    more.write_text("users:\n  - { username: desk-bot, accountType: SYSTEM }\n")
    pod.merge(more)
    Client(pod, "trade-bot").log_in()
    Client(pod, "desk-bot").log_in()


def test_idle_connections_are_closed_and_a_bot_makes_others(pod: Pod) -> None:
    trust = ssl.create_default_context(cafile=str(pod.ca_path))
    kept = http.client.HTTPSConnection(pod.host, pod.port, context=trust)
    health = pod.context + "/agent/v3/health"
    kept.request("GET", health)
    kept.getresponse().read()

    assert pod.close_idle_connections() == 1
    assert pod.close_idle_connections() == 0
    assert kept.sock.recv(1) == b""
    kept.close()
    kept.request("GET", health)
    assert kept.getresponse().status == 200
