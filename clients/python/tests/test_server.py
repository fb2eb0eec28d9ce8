from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import pytest
from client import Client

from symphony_mock_pod import ControlError, Server, ServerError, find_binary


def listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def comes_true(condition: Callable[[], bool]) -> bool:
    """Within 20 seconds. What processes do whose parent is gone, nobody is told of: all one can do is look again."""
    give_up = time.monotonic() + 20
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def stops_listening(port: int) -> bool:
    return comes_true(lambda: not listens(port))


def test_a_server_is_ready_when_it_is_there_and_gone_when_it_is_closed() -> None:
    with Server.start() as server:
        port = server.port
        assert Client(server.main).log_in().me()[0] == 200
    assert not listens(port)


def test_many_servers_live_side_by_side() -> None:
    with Server.start() as one, Server.start() as other:
        one.main.clock.freeze()
        assert one.main.clock.frozen
        assert not other.main.clock.frozen


def test_a_server_starts_from_a_scenario() -> None:
    with Server.start(scenario={"users": [{"username": "trade-bot", "accountType": "SYSTEM"}]}) as server:
        assert Client(server.main, "trade-bot").log_in().me()[1]["username"] == "trade-bot"


def test_a_server_may_have_a_forward_proxy() -> None:
    with Server.start() as without, Server.start(arguments=["--proxy", "127.0.0.1:0"]) as server:
        assert without.main.proxy is None
        proxy = server.main.proxy
        assert proxy is not None
        assert set(proxy) == {"host", "port"}
        through = http.client.HTTPConnection(proxy["host"], proxy["port"])
        through.set_tunnel("localhost", server.port)
        through.connect()
        through.close()
        (opened,) = server.main.requests()
        assert opened.is_connect
        assert opened.tunnel == {"target": f"localhost:{server.port}", "port": server.port}


def test_a_server_may_have_further_listeners() -> None:
    with Server.start(arguments=["--listen", "agent,agent=second+mtls"]) as server:
        main = server.main
        assert [(one.name, one.role, one.mtls) for one in main.listeners] == [
            ("main", "all", False),
            ("mtls", "all", True),
            ("agent-1", "agent", False),
            ("second", "agent", True),
        ]
        assert main.listener("main").port == server.port
        with server.pod("mine") as pod:
            port, agent = pod.listener("agent-1").port, pod.url_of("agent-1")
            assert agent == f"https://{pod.host}:{port}/t/mine"
            client = Client(pod).log_in()
            assert client.call("GET", "/agent/v1/info", at=agent)[0] == 200
            (asked,) = pod.requests("agent_info_v1", listener="agent-1")
            assert asked.listener == "agent-1"
            assert len(pod.expect("agent_info_v1", listener="agent-1", count=1)) == 1
            pod.expect("agent_info_v1", listener="main", count=0)
            with pod.faults.pack("rate-limited", listener="agent-1"):
                assert client.call("GET", "/agent/v1/info", at=agent)[0] == 429
                assert client.call("GET", "/agent/v1/info")[0] == 200
            for refused in (True, False):
                kept_out = main.faults.inject(
                    listener="agent-1", refuse_connections=refused, end_handshakes=not refused
                )
                with kept_out, pytest.raises(OSError):
                    client.call("GET", "/agent/v1/info", at=agent)
        with pytest.raises(LookupError, match="third.*main, mtls, agent-1, second"):
            main.listener("third")


def test_a_server_that_cannot_start_says_why() -> None:
    with pytest.raises(ServerError, match="colour"):
        Server.start(scenario={"colour": "blue"})


def test_what_the_environment_says_is_for_another_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_POD_CONTROL_HOST", "nowhere")
    with Server.start() as server:
        assert server.main.clock.now


def test_an_attached_server_is_left_running() -> None:
    with Server.start() as server:
        with Server.attach(server.control.url, port=server.port, mtls_port=server.mtls_port) as attached:
            with attached.pod("mine") as pod:
                assert Client(pod).log_in().me()[0] == 200
        assert listens(server.port)


def test_whom_nobody_answers_is_told_so() -> None:
    with Server.start() as server:
        url = server.control.url
    with pytest.raises(ServerError, match=re.escape(url)):
        Server.attach(url, timeout=0)


def owner(script: str, folder: Path) -> subprocess.Popen[str]:
    """A process of its own that runs a script, and has no other place for temporary files."""
    environment = {**os.environ, "MOCK_POD_BIN": str(find_binary()), "TMPDIR": str(folder)}
    script = "from symphony_mock_pod import *\n" + script
    return subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)


def test_a_server_and_its_files_go_with_whoever_is_killed(tmp_path: Path) -> None:
    script = (
        "server = Server.start(scenario={'users': [{'username': 'bot', 'accountType': 'SYSTEM'}]})\n"
        "server.pod('log').bot('bot').config_path\n"
        "print(server.port, flush=True)\n"
        "__import__('signal').pause()\n"
    )
    with owner(script, tmp_path) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert listens(port) and any(tmp_path.iterdir())
        process.kill()
    assert stops_listening(port)
    assert comes_true(lambda: not any(tmp_path.iterdir()))


def test_whoever_closes_nothing_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "server = Server.start()\n"
        "server.pod('one').ca_path\n"
        "attached = Server.attach(server.control.url, port=server.port, mtls_port=server.mtls_port)\n"
        "attached.main.ca_path\n"
        "try: Server.start(arguments=['--no-such-flag'])\n"
        "except ServerError as error: assert '--no-such-flag' in str(error)\n"
        "else: raise AssertionError('it started')\n"
    )
    with owner(script, tmp_path) as process:
        assert process.wait() == 0
    assert list(tmp_path.iterdir()) == []


def test_whatever_was_closed_has_left_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Server.start() as server:
        with Server.attach(server.control.url, port=server.port, mtls_port=server.mtls_port) as attached:
            assert attached.main.ca_path.is_relative_to(tmp_path)
        assert server.pod("one").ca_path.is_relative_to(tmp_path)
    with pytest.raises(ServerError, match="colour"):
        Server.start(scenario={"colour": "blue"})
    assert list(tmp_path.iterdir()) == []


def test_pods_are_apart() -> None:
    with Server.start() as server:
        with server.pod("one") as one, server.pod("other") as other:
            one.clock.freeze()
            assert not other.clock.frozen
            assert one.url.endswith("/t/one")


def test_a_pod_of_its_own_starts_from_a_scenario_or_another_pod(tmp_path: Path) -> None:
    scenario = {"users": [{"username": "trade-bot", "accountType": "SYSTEM"}]}
    with Server.start() as server:
        with server.pod("one", scenario=scenario) as one, one.fork("two") as two:
            for pod in (one, two):
                assert Client(pod, "trade-bot").log_in().me()[0] == 200


def test_a_wrong_scenario_is_refused_with_its_fault() -> None:
    with Server.start() as server:
        with pytest.raises(ControlError, match="colour") as refusal:
            server.pod("one", scenario={"colour": "blue"})
        assert (refusal.value.status, refusal.value.field) == (400, "scenario")


def test_a_dropped_pod_begins_anew() -> None:
    with Server.start() as server:
        with server.pod("one") as pod:
            pod.clock.freeze()
        with server.pod("one") as pod:
            assert not pod.clock.frozen
        pod.drop()


def test_a_control_port_may_want_a_token() -> None:
    with Server.start(arguments=["--control-token", "secret"]) as server:
        with Server.attach(server.control.url, port=server.port, token="secret") as attached, attached.pod() as pod:
            assert pod.clock.now
        with Server.attach(server.control.url, port=server.port) as stranger:
            with pytest.raises(ControlError, match="token") as refusal:
                stranger.pod()
        assert refusal.value.status == 401
