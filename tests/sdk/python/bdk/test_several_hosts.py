"""A bot that calls each part of the API on a host of its own. This SDK knows one agent and balances nothing."""

import pods
from administrator import control
from listening import RETRY_FOR_EVER, listening
from symphony.bdk.core.config.loader import BdkConfigLoader
from symphony.bdk.core.config.model.bdk_retry_config import BdkRetryConfig
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from test_datafeed_recovery import ROOMS, USERS, hears
from test_fault_packs import FAULTS, meets

HOSTS = ["session-auth", "key-manager", "pod", "agent"]


def configuration(pod, folder):
    """What the pod writes for the SDK, read as it is, with a loop that never gives up."""
    listeners = [f"--listen={role}@{pod.listeners[role]}" for role in HOSTS]
    pods.make_configuration(pod, folder, "--client", "python-bdk", *listeners)
    config = BdkConfigLoader.load_from_file(str(folder / "python-bdk.yaml"))
    config.datafeed.retry = BdkRetryConfig(RETRY_FOR_EVER)
    return config


async def test_each_part_is_called_on_its_host_and_an_agent_that_was_gone_is_found_again(home, requests, tmp_path):
    settings = {"datafeedLongPoll": "1s"}
    with pods.described(home, "--listen", ",".join(HOSTS), users=USERS, rooms=ROOMS, settings=settings) as pod:
        async with SymphonyBdk(configuration(pod, tmp_path)) as bdk, listening(bdk, requests) as ear:
            await bdk.activities().fetch_bot_info()
            await hears(pod, ear, "All is well")
            outage = control(pod, "POST", FAULTS, {"pack": "one-agent-down"})["id"]
            await meets(pod, outage, 3)
            control(pod, "DELETE", f"{FAULTS}/{outage}")
            await hears(pod, ear, "Back again")

        journal = control(pod, "GET", "/_mock/requests?user=bot")["requests"]

    parts = {"sessionauth": "session-auth", "keyauth": "key-manager", "pod": "pod", "agent": "agent"}
    called = {(call["path"].split("/")[1], call["listener"]) for call in journal}
    assert called == set(parts.items())
    assert {call["status"] for call in journal if "status" in call} <= {200, 201}
