"""The configuration that the pod makes for the SDK, read by the SDK as it is."""

import base64
import json
from urllib.request import urlopen

import pods
import pytest
from symphony.bdk.core.config.loader import BdkConfigLoader
from symphony.bdk.core.symphony_bdk import SymphonyBdk


async def who_logs_in(file):
    async with SymphonyBdk(BdkConfigLoader.load_from_file(str(file))) as bdk:
        return (await bdk.sessions().get_session()).username


@pytest.mark.parametrize("login", ["certificate", "rsa"])
@pytest.mark.parametrize("context", [[], ["--context", "/t/configured"]])
async def test_the_command_writes_what_the_bdk_reads(pod, tmp_path, login, context):
    pods.make_configuration(pod, tmp_path, "--app", "app", "--login", login, *context)

    assert await who_logs_in(tmp_path / "python-bdk.yaml") == "bot"


@pytest.mark.parametrize("prefix", ["", "/t/fetched"])
async def test_the_control_port_gives_what_the_bdk_reads(pod, tmp_path, prefix):
    url = f"http://localhost:{pod.control_port}{prefix}/_mock/sdk-config/bot?folder={tmp_path}"
    with urlopen(url) as answer:
        files = json.load(answer)["files"]
    for file in files:
        content = file["text"].encode() if "text" in file else base64.b64decode(file["base64"])
        (tmp_path / file["name"]).write_bytes(content)

    assert await who_logs_in(tmp_path / "python-bdk.yaml") == "bot"
