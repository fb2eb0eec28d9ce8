"""An app acts for people who have it, however it logs in itself."""

from contextlib import asynccontextmanager

import pytest
from administrator import log_out
from bots import SESSION_INFO, certificate_app, rsa_app
from symphony.bdk.core.auth.exception import AuthUnauthorizedError
from symphony.bdk.core.client.api_client_factory import ApiClientFactory
from symphony.bdk.core.service.session.session_service import OboSessionService
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.gen.exceptions import ApiException
from symphony.bdk.gen.pod_api.session_api import SessionApi

APPS = {
    "by RSA": (rsa_app, "POST /login/pubkey/app"),
    "by certificate": (certificate_app, "POST /sessionauth/v1/app"),
}


@pytest.fixture(params=APPS.values(), ids=APPS.keys())
def app_and_logins(request):
    return request.param


@asynccontextmanager
async def acting(config, **for_whom):
    """A session of the app for a user, and the service that says whose it is.

    The entry point for OBO has no session service in Python, so this puts it together of the SDK's parts.
    """
    clients = ApiClientFactory(config)
    try:
        async with SymphonyBdk(config) as bdk:
            session = bdk.obo(**for_whom)
            yield session, OboSessionService(SessionApi(clients.get_pod_client()), session, config.retry)
    finally:
        await clients.close_clients()


async def test_an_app_acts_for_a_user_by_name(pod, requests, app_and_logins):
    app, logins = app_and_logins
    async with acting(app(pod), username="alice") as (session, sessions):
        me = await sessions.get_session()

        assert await session.key_manager_token == ""
    assert me.username == "alice"
    assert requests == [f"{logins}/authenticate", f"{logins}/username/alice/authenticate", SESSION_INFO]


async def test_an_app_acts_for_a_user_by_id(pod, requests, app_and_logins):
    app, logins = app_and_logins
    async with acting(app(pod), username="alice") as (_, sessions):
        alice = (await sessions.get_session()).id
    requests.clear()

    async with acting(app(pod), user_id=alice) as (_, sessions):
        me = await sessions.get_session()

    assert me.username == "alice"
    assert requests == [f"{logins}/authenticate", f"{logins}/user/{alice}/authenticate", SESSION_INFO]


async def test_an_app_comes_back_by_itself_after_its_session_for_a_user_was_ended(pod, requests, app_and_logins):
    app, logins = app_and_logins
    async with acting(app(pod), username="alice") as (session, sessions):
        ended = await session.session_token
        log_out(pod, ended, identity="app")
        requests.clear()

        me = await sessions.get_session()

        assert await session.session_token != ended
    assert me.username == "alice"
    assert requests == [
        SESSION_INFO,
        f"{logins}/authenticate",
        f"{logins}/username/alice/authenticate",
        SESSION_INFO,
    ]


async def test_by_rsa_an_unknown_user_is_unauthorized_at_once(pod, requests):
    async with acting(rsa_app(pod), username="nobody") as (session, _):
        with pytest.raises(AuthUnauthorizedError):
            await session.session_token

    assert requests == ["POST /login/pubkey/app/authenticate", "POST /login/pubkey/app/username/nobody/authenticate"]


async def test_by_certificate_an_unknown_user_is_not_found_at_once(pod, requests):
    async with acting(certificate_app(pod), username="nobody") as (session, _):
        with pytest.raises(ApiException) as refusal:
            await session.session_token

    assert refusal.value.status == 404
    assert requests == [
        "POST /sessionauth/v1/app/authenticate",
        "POST /sessionauth/v1/app/username/nobody/authenticate",
    ]
