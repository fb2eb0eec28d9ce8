"""An operation that the pod does not model is asked for once: the BDK repeats what ends in 429, 500 and above."""

import pytest
from administrator import control
from bots import certificate_bot
from symphony.bdk.core.client.api_client_factory import ApiClientFactory
from symphony.bdk.core.retry import retry
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.gen.exceptions import ApiException
from symphony.bdk.gen.pod_api.info_barriers_api import InfoBarriersApi


class Service:
    """As a service of the BDK is written, whose services call nothing of the kind."""

    def __init__(self, api, session, retry_config):
        self._api = api
        self._auth_session = session
        self._retry_config = retry_config

    @retry
    async def list_policies(self):
        return await self._api.v1_admin_policy_list_get(session_token=await self._auth_session.session_token)


async def test_what_is_not_modelled_is_asked_for_once(pod):
    config = certificate_bot(pod)
    clients = ApiClientFactory(config)
    async with SymphonyBdk(config) as bdk:
        service = Service(InfoBarriersApi(clients.get_pod_client()), bdk.bot_session(), config.retry)
        with pytest.raises(ApiException) as refusal:
            await service.list_policies()
    await clients.close_clients()

    asked = [
        request["status"]
        for request in control(pod, "GET", "/_mock/requests")["requests"]
        if request.get("operation") == "admin_policy_list_v1"
    ]
    assert refusal.value.status == 405
    assert "GET /pod/v1/admin/policy/list" in refusal.value.body
    assert asked == [405]
