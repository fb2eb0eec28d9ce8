"""Pods that deliver keys the simple way say so in the session token; a bot then skips the key manager if its agent is new
enough."""

import pods
from bots import CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO, certificate_bot
from symphony.bdk.core.symphony_bdk import SymphonyBdk

AGENT_INFO = "GET /agent/v1/info"


def pod_with_agent(home, version):
    return pods.described(home, pod={"agentVersion": version}, settings={"simplifiedKeyDelivery": True})


async def test_with_a_new_agent_a_bot_does_without_the_key_manager(home, requests):
    with pod_with_agent(home, "Agent-24.12.0-1-Linux-mock") as pod:
        async with SymphonyBdk(certificate_bot(pod)) as bdk:
            assert await bdk.bot_session().key_manager_token == ""
            assert (await bdk.sessions().get_session()).username == "bot"

    assert requests == [CERTIFICATE_LOGIN, AGENT_INFO, SESSION_INFO]


async def test_with_an_older_agent_a_bot_still_logs_in_to_the_key_manager(home, requests):
    with pod_with_agent(home, "Agent-24.11.9-1-Linux-mock") as pod:
        async with SymphonyBdk(certificate_bot(pod)) as bdk:
            assert await bdk.bot_session().key_manager_token

    assert requests == [CERTIFICATE_LOGIN, AGENT_INFO, CERTIFICATE_LOGIN_TO_KEY_MANAGER]
