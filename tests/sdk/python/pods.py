"""Pods that run from the binary under test."""

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BINARY = os.environ["MOCK_POD_BIN"]

# The flags alone decide: what the caller has set for a pod of his own stays out of it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_POD_")}


@dataclass(frozen=True)
class Pod:
    """A pod that is ready: its ports, those of its listeners by their names, and the folder of the certificates it trusts."""

    port: int
    mtls_port: int
    control_port: int
    home: Path
    listeners: dict[str, int]
    proxy: str | None = None
    """Where its forward proxy is, if it has one: `localhost:3128`."""


@contextmanager
def running(home, *flags):
    """Starts a pod on free ports and ends it afterwards. `home` is where its certificates are."""
    process = subprocess.Popen(
        [BINARY, "serve", "--port", "0", "--mtls-port", "0", "--control-port", "0", *flags],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, "the pod ended before it was ready; its reason stands on stderr"
        ready = json.loads(line)
        listeners = {listener["name"]: listener["port"] for listener in ready["listeners"]}
        proxy = ready["proxy"] and ready["proxy"].removeprefix("http://")
        yield Pod(ready["port"], ready["mtlsPort"], ready["controlPort"], home, listeners, proxy)
    finally:
        process.terminate()
        status = process.wait(timeout=10)
        process.stdout.close()
    assert status == 0, "the pod ends with status 0 on SIGTERM"


@contextmanager
def described(home, *flags, **scenario):
    """Starts a pod that the parts of a scenario describe, with the user `bot`."""
    users = [{"username": "bot", "accountType": "SYSTEM"}]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"users": users, **scenario}, file)
        file.flush()
        with running(home, "--certs", home, "--scenario", file.name, *flags) as pod:
            yield pod


def make_certificates(folder, *flags):
    """Fills a folder with an authority and the identities that the flags name."""
    command = [BINARY, "certs", "--out", folder, *flags]
    made = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return folder


def make_configuration(pod, folder, *flags):
    """Fills a folder with what SDKs read to log `bot` in at a pod."""
    of_the_pod = ["--bot", "bot", "--out", folder, "--certs", pod.home, "--port", str(pod.port)]
    made = subprocess.run([BINARY, "sdk-config", *of_the_pod, *flags], env=ENVIRONMENT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return folder
