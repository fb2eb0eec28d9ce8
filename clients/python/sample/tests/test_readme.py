"""The examples of the READMEs, as they are written there, with bots that answer slash commands."""

import asyncio
import contextlib
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony_mock_pod import Server

ROOT = Path(__file__).parents[4]
FENCE = "`" * 3


def blocks(readme: str, language: str) -> list:
    text = (ROOT / readme).read_text(encoding="utf-8")
    return re.findall(FENCE + language + r"\n(.*?)" + FENCE, text, re.DOTALL)


def listen(bdk: SymphonyBdk) -> None:
    @bdk.activities().slash("/help")
    async def help_whoever_asks(context):
        await bdk.messages().send_message(context.stream_id, "<messageML>I can help</messageML>")

    running.append(asyncio.get_running_loop().create_task(bdk.datafeed().start()))


running: list = []
my_bot = SimpleNamespace(listen=listen)

# The front page. Defines `test_my_bot_answers`.
(front_page,) = blocks("README.md", "python")
exec(front_page)

BLOCKS = blocks("clients/python/README.md", "python")
FIRST = next(block for block in BLOCKS if block.startswith("# test_bot.py"))
CONTAINER = next(block for block in BLOCKS if "DockerContainer" in block)


def test_every_example_is_one_of_those_below():
    assert [block.strip().splitlines()[0] for block in BLOCKS] == [
        "# test_bot.py",
        '@pytest.fixture(scope="session")',
        "from symphony_mock_pod import Server",
    ]


def run_pytest(folder: Path, content: str) -> str:
    (folder / "test_bot.py").write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_bot.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_first_example_is_green_in_an_empty_project(tmp_path):
    assert "1 passed" in run_pytest(tmp_path, FIRST)


def test_the_fixture_for_a_container_replaces_the_servers(tmp_path):
    """With a pod that runs already in the place of the container."""
    with Server.start() as server:
        ports = {8443: server.port, 8444: server.mtls_port, 8080: int(server.control.url.rpartition(":")[2])}
        container = f"""
import contextlib, pytest
from symphony_mock_pod import Server

class DockerContainer(contextlib.nullcontext):
    def with_exposed_ports(self, *ports):
        assert ports == {tuple(ports)}
        self.enter_result = self
        return self

    def get_exposed_port(self, port):
        return {ports}[port]

"""
        output = run_pytest(tmp_path, container + CONTAINER + "\n" + FIRST)
        assert "1 passed" in output
        with urllib.request.urlopen(f"{server.control.url}/metrics") as metrics:
            handshakes = re.search(r"handshakes_total\{[^}]*\} (\d+)", metrics.read().decode())
        assert int(handshakes[1]) > 0, "the test's pod was on that server"


def test_the_example_without_pytest_runs(tmp_path):
    example = next(block for block in BLOCKS if block.startswith("from symphony_mock_pod"))
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(autouse=True)
async def nothing_runs_on():
    yield
    while running:
        task = running.pop()
        task.cancel()
        with contextlib.suppress(BaseException):
            await task
