"""Tests of the package against the real program. The plugin is installed: its fixtures are here already."""

import pytest
from client import Client

from symphony_mock_pod import Pod, Server


@pytest.fixture
def client(pod: Pod) -> Client:
    """The default bot, logged in by its certificate."""
    return Client(pod).log_in()


@pytest.fixture
def scenario_verbs(symphony_pod: Server) -> None:
    """Skips on a pod that cannot be told as a scenario yet."""
    if "/_mock/scenario" not in symphony_pod.control.get("/_mock/openapi.json")["paths"]:
        pytest.skip("this pod has no /_mock/scenario")
