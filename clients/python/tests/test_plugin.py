"""The plugin, in test runs of its own."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import List

import pytest
from test_server import stops_listening

from symphony_mock_pod import Server, find_binary

pytestmark = pytest.mark.usefixtures("binary")


@pytest.fixture
def binary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_POD_BIN", str(find_binary()))


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_there_is_nothing_to_set_up(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_it(pod):
            assert pod.user("alice").send("Test Room", "hello").message_id
        """,
    )
    result.assert_outcomes(passed=1)


def test_every_test_has_a_pod_of_its_own_on_one_server(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        seen = []

        @pytest.mark.parametrize("n", [1, 2])
        def test_it(pod, symphony_pod, n):
            assert not pod.clock.frozen
            pod.clock.freeze()
            seen.append((pod.name, pod.port))
            assert pod.port == symphony_pod.port

        def test_they_are_apart(symphony_pod):
            (one, port), (other, same) = seen
            assert one != other and port == same
            pods = symphony_pod.control.get("/_mock/pods")["pods"]
            assert not {one, other} & {pod["name"] for pod in pods}
        """,
    )
    result.assert_outcomes(passed=3)


def test_a_pod_is_called_the_same_in_every_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("what", ["a b", "a/b"])
        def test_it(pod, what):
            print("NAME", pod.name)
        """
    )
    names: List[List[str]] = []
    for _ in range(2):
        result = pytester.runpytest_subprocess("-s")
        names.append(re.findall("NAME (.*)", result.stdout.str()))
    assert names[0] == names[1]
    assert len(set(names[0])) == 2


def test_a_marker_says_what_the_pod_starts_from(pytester: pytest.Pytester) -> None:
    pytester.makefile(".json", desk='{"users": [{"username": "trade-bot", "accountType": "SYSTEM"}]}')
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.symphony_scenario({"users": [{"username": "trade-bot", "accountType": "SYSTEM"}]})
        def test_document(pod):
            assert pod.bot("trade-bot").certificate_path.exists()

        @pytest.mark.symphony_scenario("desk.json")
        def test_json(pod):
            assert pod.bot("trade-bot").certificate_path.exists()
        """,
        "--strict-markers",
    )
    result.assert_outcomes(passed=2)


def test_a_scenario_may_be_yaml(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", desk="users:\n  - { username: trade-bot, accountType: SYSTEM }\n")
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.symphony_scenario("desk.yaml")
        def test_yaml(pod):
            pod.reset()
            assert pod.bot("trade-bot").certificate_path.exists()
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_wrong_scenario_is_an_error_of_its_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.symphony_scenario({"colour": "blue"})
        def test_wrong(pod):
            pass

        @pytest.mark.symphony_scenario("gone.yaml")
        def test_gone(pod):
            pass

        @pytest.mark.symphony_scenario
        def test_nothing(pod):
            pass

        def test_right(pod):
            pass
        """,
    )
    result.assert_outcomes(passed=1, errors=3)
    result.stdout.fnmatch_lines(["*colour*", "*gone.yaml*", "*takes one argument*"])


def test_a_server_has_a_scenario_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", desk="users:\n  - { username: trade-bot, accountType: SYSTEM }\n")
    pytester.makeini("[pytest]\nsymphony_pod_scenario = desk.yaml\nsymphony_pod_args = --log-format json")
    result = run(
        pytester,
        """
        def test_it(pod, symphony_pod):
            assert pod.bot("trade-bot").certificate_path.exists()
            assert symphony_pod.log.startswith("{")
        """,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("way", ["option", "environment", "ini"])
def test_a_running_pod_is_used(
    pytester: pytest.Pytester, symphony_pod: Server, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    arguments: List[str] = []
    settings = {
        "url": symphony_pod.control.url,
        "port": str(symphony_pod.port),
        "mtls-port": str(symphony_pod.mtls_port),
    }
    if way == "option":
        arguments = [f"--symphony-pod-{name}={value}" for name, value in settings.items()]
    elif way == "environment":
        for name, value in settings.items():
            monkeypatch.setenv(f"SYMPHONY_POD_{name.upper().replace('-', '_')}", value)
    else:
        lines = [f"symphony_pod_{name.replace('-', '_')} = {value}" for name, value in settings.items()]
        pytester.makeini("\n".join(["[pytest]", *lines]))
    # There is no need of a program then.
    monkeypatch.setenv("MOCK_POD_BIN", "/nowhere")
    result = run(
        pytester,
        f"""
        def test_it(pod):
            assert pod.port == {symphony_pod.port}
            assert pod.bot("bot").certificate_path.exists()
        """,
        *arguments,
    )
    result.assert_outcomes(passed=1)
    assert symphony_pod.main.clock.now


def test_a_failure_shows_the_journal_and_the_last_refusal(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parent / "client.py").read_text())
    result = run(
        pytester,
        """
        import pytest
        from conftest import Client

        def test_that_fails(pod):
            client = Client(pod).log_in()
            pod.clock.advance("15d")
            assert client.me()[0] == 200

        @pytest.fixture
        def client(pod):
            assert Client(pod).log_in().me()[0] == 401

        def test_whose_fixture_fails(client):
            pass

        def test_that_passes(pod):
            Client(pod).log_in()

        def test_that_never_called(pod):
            assert not pod.bot("bot").config_path

        def test_that_was_not_about_calls(pod):
            pod.user("alice").send("Test Room", "anybody there?")
            Client(pod).log_in()
            pod.forget_requests()
            assert not pod

        def test_without_a_pod():
            assert False
        """,
    )
    result.assert_outcomes(passed=1, failed=4, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*- symphony pod test_whose_fixture_fails-* -*",
            "#1 200 POST /sessionauth/v1/authenticate (bot)",
            "#2 200 GET /pod/v2/sessioninfo (bot)",
            "*- symphony pod test_that_fails-* -*",
            "#2 401 GET /pod/v2/sessioninfo (bot): *expired*",
            "the last refusal:",
            "401 GET /pod/v2/sessioninfo (bot): *expired*",
            "*NO  session: *",
            "*- symphony pod test_that_never_called-* -*",
            "no request came to this pod*context*",
            "*- symphony pod test_that_was_not_about_calls-* -*",
            "no request came to this pod",
            'hint: no feed of "bot" existed when "alice" wrote "anybody there*',
        ]
    )
    assert "test_that_passes" not in result.stdout.str()
    assert result.stdout.str().count("- symphony pod ") == 4


def test_a_failed_handshake_is_shown_with_the_test_that_it_came_in(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import ssl
        import urllib.request

        import pytest

        def test_it(pod):
            with pytest.raises(OSError):
                # Without the pod's authority among those that are trusted.
                urllib.request.urlopen(pod.url, context=ssl.create_default_context())
            assert False
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["TLS handshakes that failed on this server meanwhile:", "*TLS handshake on port *"])


def test_a_refusal_of_the_forward_proxy_is_shown_with_the_test_that_it_came_in(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nsymphony_pod_args = --proxy 127.0.0.1:0 --proxy-user ada:lovelace\n")
    result = run(
        pytester,
        """
        import http.client

        import pytest

        def test_it(pod):
            proxy = pod.bot("bot", proxy=pod.proxy).settings["proxy"]
            assert (proxy["username"], proxy["password"]) == ("ada", "lovelace")
            through = http.client.HTTPSConnection(proxy["host"], proxy["port"])
            through.set_tunnel("my-pod.example", 443)
            with pytest.raises(OSError, match="407"):
                through.connect()
            assert False
        """,
    )
    result.assert_outcomes(failed=1)
    refused = "*407 CONNECT my-pod.example:443: the proxy demands credentials*"
    result.stdout.fnmatch_lines(["The forward proxy of this server refused meanwhile:", refused])


def test_workers_of_xdist_have_servers_of_their_own(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("n", range(6))
        def test_it(pod, n):
            pod.user("alice").send("Test Room", "hello")
        """,
        "-n2",
    )
    result.assert_outcomes(passed=6)


def test_coroutines_have_pods_too(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_asyncio")
    result = run(
        pytester,
        """
        import anyio
        import pytest

        @pytest.mark.asyncio
        async def test_asyncio(pod):
            pod.user("alice").send("Test Room", "hello")

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        async def test_anyio(pod, anyio_backend):
            pod.user("alice").send("Test Room", "hello")

        @pytest.mark.asyncio
        async def test_whoever_would_stop_the_loop_is_told(pod):
            with pytest.raises(RuntimeError, match="expect_async"):
                pod.expect("sessioninfo_v2", within="1s")
        """,
    )
    result.assert_outcomes(passed=3)


def test_a_pod_ends_with_a_run_that_is_killed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
        import os

        def test_it(pod):
            print("PORT", pod.port, flush=True)
            os.kill(os.getpid(), {int(signal.SIGKILL)})
        """,
        "-s",
    )
    found = re.search(r"PORT (\d+)", result.stdout.str())
    assert found and stops_listening(int(found[1]))


def test_the_example_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    pytest.importorskip("symphony.bdk")
    pytest.importorskip("pytest_asyncio")
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    example = re.search(r"```python\n(# test_bot\.py\n.*?)```", readme, re.DOTALL)
    assert example
    run(pytester, example[1]).assert_outcomes(passed=1)
