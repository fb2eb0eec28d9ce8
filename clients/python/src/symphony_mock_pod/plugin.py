"""The pytest plugin: fixtures `symphony_pod` and `pod`, the marker `symphony_scenario`, and the journal of what failed."""

from __future__ import annotations

import os
import re
import uuid
import zlib
from pathlib import Path
from typing import Any, Generator, Iterator, Optional, Union

import pytest

from .pod import Pod
from .server import ScenarioLike, Server

MARKER = "symphony_scenario"
#: How many of the last requests a failed test shows.
SHOWN_REQUESTS = 20

_pod_of_test = pytest.StashKey[Pod]()
#: The id of the last request of the main pod before the test.
_begin_of_test = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("symphony-mock-pod")
    for name, help_text in [
        ("url", "use the pod with this control port, such as http://localhost:8080, instead of starting one"),
        ("port", "its TLS port as seen from here (8443)"),
        ("mtls-port", "its port that demands client certificates, as seen from here (8444)"),
        ("scenario", "what the pod that is started begins with, a file in YAML or JSON"),
    ]:
        group.addoption(f"--symphony-pod-{name}", metavar=name.upper(), help=help_text)
        ini = f"symphony_pod_{name.replace('-', '_')}"
        parser.addini(ini, f"{help_text}; also --symphony-pod-{name} and {ini.upper()} in the environment")
    parser.addini("symphony_pod_args", "further arguments of symphony-mock-pod serve", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(scenario): start the test's pod from a scenario, a dictionary or the path of a file (relative to the"
        " test's) in YAML or JSON",
    )


@pytest.fixture(scope="session")
def symphony_pod(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server of the session's pods: started for it, or one that runs already. With xdist every worker has its own."""
    with _server(pytestconfig) as server:
        yield server


@pytest.fixture
def pod(request: pytest.FixtureRequest, symphony_pod: Server) -> Iterator[Pod]:
    """A pod of the test's own, which nobody else sees and which goes with the test."""
    marker = request.node.get_closest_marker(MARKER)
    scenario = None if marker is None else _scenario(request.node, marker)
    with symphony_pod.pod(_pod_name(request.node.nodeid, symphony_pod), scenario=scenario) as pod:
        request.node.stash[_pod_of_test] = pod
        request.node.stash[_begin_of_test] = max((last.id for last in symphony_pod.main.requests(limit=1)), default=0)
        yield pod


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    pod = item.stash.get(_pod_of_test, None)
    # After the test's own teardown its pod is gone.
    if pod is not None and report.failed and report.when != "teardown":
        report.sections.append((f"symphony pod {pod.name}", _journal(pod, item.stash[_begin_of_test])))


def _server(config: pytest.Config) -> Server:
    url = _setting(config, "url")
    if url:
        return Server.attach(
            url,
            port=int(_setting(config, "port") or 8443),
            mtls_port=int(_setting(config, "mtls_port") or 8444),
            token=os.environ.get("MOCK_POD_CONTROL_TOKEN"),
        )
    scenario = _setting(config, "scenario")
    return Server.start(
        scenario=config.rootpath / scenario if scenario else None, arguments=config.getini("symphony_pod_args")
    )


def _setting(config: pytest.Config, name: str) -> Optional[str]:
    """The command line decides, then the environment, then the file."""
    ini = f"symphony_pod_{name}"
    return config.getoption(ini) or os.environ.get(ini.upper()) or config.getini(ini) or None


def _scenario(test: pytest.Item, marker: pytest.Mark) -> ScenarioLike:
    if len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError(f"{test.nodeid}: {MARKER} takes one argument, a dictionary or a path")
    scenario: Union[ScenarioLike, Path] = marker.args[0]
    if isinstance(scenario, (str, os.PathLike)):
        return test.path.parent / scenario
    return scenario


def _pod_name(nodeid: str, server: Server) -> str:
    """The same in every run, for the chance of a pod hangs on its name; on a shared server nobody else's."""
    words = re.sub(r"[^A-Za-z0-9_.]+", "-", nodeid.rpartition("::")[2]).strip("-")[:60]
    unique = uuid.uuid4().hex[:12] if server.is_shared else f"{zlib.crc32(nodeid.encode()):08x}"
    return f"{words}-{unique}"


def _journal(pod: Pod, begin: int) -> str:
    try:
        requests = pod.requests(limit=SHOWN_REQUESTS)
        why = pod.why()
        hints = pod.hints()
        # Who does not get through the proxy or the handshake has not said yet which pod he wants.
        outside = pod.server.main.requests(refused=True, since=begin)
        handshakes = [entry.line for entry in outside if entry.is_handshake]
        tunnels = [entry.line for entry in outside if entry.is_connect]
    except Exception as error:
        # The test failed for a reason of its own, which this must not hide.
        return f"the journal cannot be read: {error}"
    nothing = "no request came to this pod"
    if pod._has_bots and not handshakes and not tunnels:
        nothing += ": is the context in the SDK's configuration?"
    parts = [requests.lines or nothing]
    if why:
        parts.append(f"the last refusal:\n{why}")
    if hints:
        parts.append("\n".join(f"hint: {hint}" for hint in hints))
    if handshakes:
        parts.append("\n".join(["TLS handshakes that failed on this server meanwhile:", *handshakes[-SHOWN_REQUESTS:]]))
    if tunnels:
        parts.append("\n".join(["The forward proxy of this server refused meanwhile:", *tunnels[-SHOWN_REQUESTS:]]))
    return "\n\n".join(parts)
