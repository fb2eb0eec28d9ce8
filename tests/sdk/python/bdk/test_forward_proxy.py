"""A bot behind a forward proxy that demands credentials (finos/symphony-bdk-python 12, 18, 21 and 254)."""

import aiohttp
import pods
import pytest
from administrator import as_person, control
from bots import certificate_bot
from listening import listening
from symphony.bdk.core.config.loader import BdkConfigLoader
from symphony.bdk.core.symphony_bdk import SymphonyBdk


@pytest.fixture
def pod(home):
    with pods.running(home, "--certs", home, "--proxy", "127.0.0.1:0", "--proxy-user", "ada:p:w") as pod:
        control(pod, "POST", "/_mock/scenario", {"settings": {"datafeedLongPoll": "1s"}})
        yield pod


def journal(pod):
    return control(pod, "GET", "/_mock/requests")["requests"]


@pytest.mark.parametrize("login", ["certificate", "rsa"])
async def test_a_bot_logs_in_listens_and_answers_through_the_proxy(pod, tmp_path, requests, login):
    pods.make_configuration(pod, tmp_path, "--login", login, "--proxy", f"ada:p:w@{pod.proxy}")
    config = BdkConfigLoader.load_from_file(str(tmp_path / "python-bdk.yaml"))
    async with SymphonyBdk(config) as bdk:
        async with listening(bdk, requests) as ear:
            as_person(pod, "alice", "messages", stream="Test Room", message="hello bot")
            sender, event = await ear.hears("MESSAGESENT")
            assert sender == "alice"
            await bdk.messages().send_message(event.message.stream.stream_id, "<messageML>hello alice</messageML>")

    made = [entry for entry in journal(pod) if entry["method"] != "CONNECT"]
    assert {entry["operation"] for entry in made} >= {"datafeeds_read_v5", "create_message_v4"}
    for entry in made:
        assert entry["status"] in (200, 201), entry
        assert entry["tunnel"] == {"target": f"localhost:{pod.port}", "user": "ada", "port": pod.port}, "went around"


@pytest.mark.parametrize(
    "credentials, why",
    [
        ({}, "no Proxy-Authorization came"),
        ({"username": "ada", "password": "lovelace"}, "his password is another"),
        ({"username": "bob", "password": "p:w"}, "does not know the user"),
    ],
)
async def test_without_the_right_credentials_no_bot_gets_through(pod, credentials, why):
    host, port = pod.proxy.split(":")
    proxy = {"host": host, "port": int(port), **credentials}
    async with SymphonyBdk(certificate_bot(pod, proxy=proxy)) as bdk:
        with pytest.raises(aiohttp.ClientHttpProxyError, match="Proxy Authentication Required") as refused:
            await bdk.bot_session().session_token
    assert refused.value.status == 407

    told = journal(pod)
    assert {entry["status"] for entry in told} == {407}
    assert why in told[-1]["refusal"]["why"]
