from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from client import Client

from symphony_mock_pod import ControlError, Server, ServerError, find_binary


def listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def stops_listening(port: int) -> bool:
    give_up = time.monotonic() + 20
    while listens(port):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


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


def test_a_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    script = (
        "import os, sys, time, symphony_mock_pod\n"
        "server = symphony_mock_pod.Server.start()\n"
        "print(server.port, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "MOCK_POD_BIN": str(find_binary())}
    ) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert listens(port)
        os.kill(owner.pid, signal.SIGKILL)
    assert stops_listening(port)


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
