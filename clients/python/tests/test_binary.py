from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from symphony_mock_pod import BinaryNotFound, Server, find_binary


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOCK_POD_BIN", str(program(tmp_path / "mine")))
    assert find_binary() == tmp_path / "mine"


def test_what_the_environment_names_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOCK_POD_BIN", str(tmp_path / "gone"))
    with pytest.raises(BinaryNotFound, match="MOCK_POD_BIN is .*gone"):
        find_binary()


# Only an installer puts the program beside the interpreter. `ci` tests an installed wheel, and fails itself where that has none.
@pytest.mark.skipif(
    not (Path(sysconfig.get_path("scripts")) / "symphony-mock-pod").exists(), reason="the package was not installed as a wheel"
)
def test_the_wheel_carries_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MOCK_POD_BIN", raising=False)
    monkeypatch.setenv("PATH", str(program(tmp_path / "symphony-mock-pod").parent))
    assert find_binary().parent == Path(sysconfig.get_path("scripts"))
    with Server.start() as server:
        assert server.main.clock.now


def test_the_path_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MOCK_POD_BIN", raising=False)
    monkeypatch.setattr("symphony_mock_pod.binary._script_folders", lambda: iter([]))
    monkeypatch.setenv("PATH", str(program(tmp_path / "symphony-mock-pod").parent))
    assert find_binary() == tmp_path / "symphony-mock-pod"


def test_who_finds_none_is_told_where_it_looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MOCK_POD_BIN", raising=False)
    monkeypatch.setattr("symphony_mock_pod.binary._script_folders", lambda: iter([]))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinaryNotFound, match="MOCK_POD_BIN.*package.*PATH"):
        find_binary()


def test_the_module_runs_it() -> None:
    environment = {**os.environ, "MOCK_POD_BIN": str(find_binary())}
    command = [sys.executable, "-m", "symphony_mock_pod", "--version"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("symphony-mock-pod")
