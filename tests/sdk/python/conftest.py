"""The pod under test, and what the owner of a bot has of it: ports, a CA and identity files.

One pod serves the whole run. Its certificates are made by the binary itself, in two sets: `home`, which the pod trusts,
and `foreign`, which it does not. `home` also holds `stranger`, a good certificate whose name no account has.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

BINARY = os.environ["MOCK_POD_BIN"]

# The flags alone decide: what the caller has set for a pod of his own stays out of it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_POD_")}


@dataclass(frozen=True)
class Pod:
    """A pod that is ready: its ports and the directory of its certificates."""

    port: int
    mtls_port: int
    control_port: int
    home: Path
    foreign: Path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    directory = tmp_path_factory.mktemp("certificates")
    for folder, *names in [
        ("home", "--user", "bot", "--user", "stranger", "--app", "app"),
        ("foreign", "--user", "bot", "--app", "app"),
    ]:
        made = subprocess.run(
            [BINARY, "certs", "--out", directory / folder, *names], env=ENVIRONMENT, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stderr
    return directory


@pytest.fixture(scope="session")
def pod(certificates):
    process = subprocess.Popen(
        [BINARY, "serve", "--certs", certificates / "home", "--port", "0", "--mtls-port", "0", "--control-port", "0"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, "the pod ended before it was ready; its reason stands on stderr"
        ready = json.loads(line)
        yield Pod(
            port=ready["port"],
            mtls_port=ready["mtlsPort"],
            control_port=ready["controlPort"],
            home=certificates / "home",
            foreign=certificates / "foreign",
        )
    finally:
        process.terminate()
        status = process.wait(timeout=10)
    assert status == 0, "the pod ends with status 0 on SIGTERM"
