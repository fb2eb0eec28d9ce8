"""The pod under test. One serves the whole run, unless a test needs one with settings of its own."""

import pods
import pytest


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """The certificates of the pod. `stranger` among them is a good one whose name no account has."""
    folder = tmp_path_factory.mktemp("home")
    return pods.make_certificates(folder, "--user", "bot", "--user", "stranger", "--app", "app")


@pytest.fixture(scope="session")
def foreign(tmp_path_factory):
    """Certificates of another authority, with the same names."""
    return pods.make_certificates(tmp_path_factory.mktemp("foreign"), "--user", "bot", "--app", "app")


@pytest.fixture(scope="session")
def pod(home):
    with pods.running(home, "--certs", home) as pod:
        yield pod
