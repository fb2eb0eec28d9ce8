"""The process that pods live in: one that is started here, or one that runs already."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, Mapping, Optional, Sequence, Type, Union
from urllib.parse import quote

from .binary import find_binary
from .control import Control, ControlError
from .pod import Pod

#: What a pod starts from: a document, or the path of one in YAML or JSON.
ScenarioLike = Union[Mapping[str, Any], str, "os.PathLike[str]"]


class ServerError(RuntimeError):
    """The server did not start, or is not there."""


class Server:
    """A server of pods: `Server.start()` or `Server.attach(url)`. As a context manager it is closed at the end."""

    def __init__(self, control: Control, host: str, port: int, mtls_port: int, process: Optional[_Process] = None):
        #: The control port, whose pod is the main one.
        self.control = control
        #: The host that SDKs are to call.
        self.host = host
        self.port = port
        self.mtls_port = mtls_port
        self._process = process
        self._folder = process.folder if process else _new_folder()

    @classmethod
    def start(
        cls,
        *,
        scenario: Optional[ScenarioLike] = None,
        arguments: Sequence[str] = (),
        seed: int = 1,
        binary: Union[str, "os.PathLike[str]", None] = None,
        timeout: float = 20,
    ) -> Server:
        """Starts one on free ports of the loopback interface.

        `scenario` is what its pods start from, `arguments` are further ones of `symphony-mock-pod serve`, `seed` is that of
        their chance. What the environment says in `MOCK_POD_*` is meant for
        another pod and left out. It ends with `close`, or with this process, however that ends.
        """
        if not any(argument.split("=")[0] == "--seed" for argument in arguments):
            arguments = ["--seed", str(seed), *arguments]
        process = _Process(Path(binary or find_binary()), scenario, arguments)
        try:
            ready = process.ready(timeout)
            control = Control(f"http://127.0.0.1:{ready['controlPort']}")
            return cls(control, "localhost", ready["port"], ready["mtlsPort"], process)
        except BaseException:
            process.end()
            raise

    @classmethod
    def attach(
        cls, url: str, *, port: int = 8443, mtls_port: int = 8444, token: Optional[str] = None, timeout: float = 20
    ) -> Server:
        """Uses one that runs already, such as a container: `url` is its control port's, the others are as seen from here.

        Waits until it is ready. `token` is what it was started with as `--control-token`.
        """
        control = Control(url, token)
        give_up = time.monotonic() + timeout
        while True:
            try:
                control.get("/readyz")
                return cls(control, control.host, port, mtls_port)
            except (OSError, HTTPException, ControlError) as error:
                if time.monotonic() > give_up:
                    raise ServerError(f"no pod is ready at {url} after {timeout:g} s: {error}") from error
                # Somebody else starts it, and nothing says when: all one can do is ask again.
                time.sleep(0.05)

    def __repr__(self) -> str:
        return f"<Server {self.control.url}>"

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    @property
    def main(self) -> Pod:
        """The pod without a prefix, which is there from the start."""
        return self._pod(self.control, None)

    @property
    def log(self) -> str:
        """What the server logged; nothing where it was not started here."""
        return self._process.log() if self._process else ""

    @property
    def is_shared(self) -> bool:
        """Whether others may use it at the same time."""
        return self._process is None

    def pod(self, name: Optional[str] = None, *, scenario: Optional[ScenarioLike] = None) -> Pod:
        """A new pod, which begins as the server's seed says or with a scenario of its own. See also `Pod.fork`.

        Its chance hangs on the server's seed and its name: the same faults strike the same calls in every run.
        """
        name = name or uuid.uuid4().hex
        if scenario is None:
            return self.make(name)
        # Python reads no YAML, and the pod does.
        document = dict(scenario) if isinstance(scenario, Mapping) else Path(scenario).read_text(encoding="utf-8")
        return self.make(name, {"scenario": document})

    def make(self, name: str, origin: Optional[Mapping[str, Any]] = None, of: Optional[Pod] = None) -> Pod:
        """A new pod with the origin that `PUT /_mock/pods/{name}` takes; a snapshot is one of the pod `of`."""
        control = of.control if of else self.control
        control.put(f"/_mock/pods/{quote(name, safe='~')}", origin)
        return self._pod(self.control.of_pod(name), name)

    def drop(self, pod: Pod) -> None:
        """Ends a pod, unless it is the main one, which stays, or has ended already."""
        if pod.name is None:
            return
        try:
            self.control.delete(f"/_mock/pods/{quote(pod.name, safe='~')}")
        except ControlError as error:
            if error.status != 404:
                raise

    def close(self) -> None:
        """Ends the server, if it was started here."""
        if self._process:
            self._process.end()
        self._folder.cleanup()

    def _pod(self, control: Control, name: Optional[str]) -> Pod:
        return Pod(self, control, name, Path(self._folder.name) / "pods" / (name or "main"))


class _Process:
    """A server that was started here."""

    def __init__(self, binary: Path, scenario: Optional[ScenarioLike], arguments: Sequence[str]):
        #: It is the supervisor's too, who removes it if this process is killed.
        self.folder = _new_folder()
        self._log = Path(self.folder.name) / "log"
        command = [str(binary), "serve", "--port", "0", "--mtls-port", "0", "--control-port", "0"]
        if isinstance(scenario, Mapping):
            document = Path(self.folder.name) / "scenario.json"
            document.write_text(json.dumps(scenario))
            command += ["--scenario", str(document)]
        elif scenario is not None:
            command += ["--scenario", os.fspath(scenario)]
        supervisor = Path(__file__).with_name("supervisor.py")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(supervisor), self.folder.name, *command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={name: value for name, value in os.environ.items() if not name.startswith("MOCK_POD_")},
                # Ctrl-C is for the tests, which still need the pod while they end.
                start_new_session=True,
            )

    def ready(self, timeout: float) -> Dict[str, Any]:
        """The ready line."""
        lines: queue.Queue[bytes] = queue.Queue()
        output = self._process.stdout
        assert output is not None

        def read() -> None:
            for line in output:
                lines.put(line)
            lines.put(b"")

        threading.Thread(target=read, daemon=True).start()
        try:
            line = lines.get(timeout=timeout)
        except queue.Empty:
            raise ServerError(f"the pod was not ready within {timeout:g} s\n{self.log()}") from None
        if not line:
            raise ServerError(f"the pod ended before it was ready\n{self.log()}")
        ready: Dict[str, Any] = json.loads(line)
        return ready

    def log(self) -> str:
        return self._log.read_text(errors="replace").strip() if self._log.exists() else ""

    def end(self) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.folder.cleanup()


def _new_folder() -> tempfile.TemporaryDirectory[str]:
    """Goes with this process at the latest."""
    return tempfile.TemporaryDirectory(prefix="symphony-mock-pod-")
