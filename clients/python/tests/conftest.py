"""Tests of the package against the real program. The plugin is installed: its fixtures are here already."""

import pytest
from client import Client

from symphony_mock_pod import Pod


@pytest.fixture
def client(pod: Pod) -> Client:
    """The default bot, logged in by its certificate."""
    return Client(pod).log_in()
