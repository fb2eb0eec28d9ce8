"""Where the pod's program is."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Iterator

ENVIRONMENT_VARIABLE = "MOCK_POD_BIN"
NAME = "symphony-mock-pod"


class BinaryNotFound(RuntimeError):
    """There is no program to start a pod from."""


def find_binary() -> Path:
    """The program: what `MOCK_POD_BIN` names, else the one that came with this package, else the one on `PATH`.

    Raises `BinaryNotFound`, also where `MOCK_POD_BIN` names something that is no program: whoever sets it means it.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        if not _is_program(Path(named)):
            raise BinaryNotFound(f"{ENVIRONMENT_VARIABLE} is {named!r}, which is no program")
        return Path(named).absolute()
    for folder in _script_folders():
        carried = folder / (NAME + (sysconfig.get_config_var("EXE") or ""))
        if _is_program(carried):
            return carried
    on_path = shutil.which(NAME)
    if on_path:
        return Path(on_path).absolute()
    raise BinaryNotFound(
        f"no {NAME}: {ENVIRONMENT_VARIABLE} is not set, the installed package carries none for this platform, and none is"
        " on PATH"
    )


def _script_folders() -> Iterator[Path]:
    """The folders that an installer may have put this package's program into."""
    yield Path(sysconfig.get_path("scripts"))
    # pip install --user
    yield Path(sysconfig.get_path("scripts", scheme="nt_user" if os.name == "nt" else "posix_user"))
    # pip install --target and --prefix
    package = Path(__file__).resolve().parent.parent
    yield package / "bin"
    yield package.parent.parent.parent / ("Scripts" if os.name == "nt" else "bin")
    # A virtual environment that was not activated.
    yield Path(sys.executable).parent


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
