"""The backend of an extension app: it trusts the pod, the pod trusts it, both trust the user's browser."""

import time

import pytest
from administrator import identity_jwt
from bots import certificate_app, rsa_app
from symphony.bdk.core.auth.exception import AuthInitializationError
from symphony.bdk.core.symphony_bdk import SymphonyBdk

APPS = {
    "by RSA": (rsa_app, "POST /login/v1/pubkey/app/authenticate/extensionApp", "GET /pod/v1/podcert"),
    "by certificate": (
        certificate_app,
        "POST /sessionauth/v1/authenticate/extensionApp",
        "GET /sessionauth/v1/app/pod/certificate",
    ),
}


@pytest.fixture(params=APPS.values(), ids=APPS.keys())
def app_login_and_pod_certificate(request):
    return request.param


async def test_the_app_and_the_pod_exchange_tokens(pod, requests, app_login_and_pod_certificate):
    app, login, _ = app_login_and_pod_certificate
    async with SymphonyBdk(app(pod)) as bdk:
        authenticator = bdk.app_authenticator()
        session = await authenticator.authenticate_extension_app("token-of-the-app")

        assert await authenticator.is_token_pair_valid("token-of-the-app", session.symphony_token)
        assert not await authenticator.is_token_pair_valid("token-of-the-app", "token-of-nobody")
    assert requests == [login]
    assert session.app_token == "token-of-the-app"
    assert session.symphony_token
    milliseconds_left = session.expire_at - time.time() * 1000
    assert 0 < milliseconds_left <= 5 * 60 * 1000


async def test_the_app_learns_from_the_pod_who_its_user_is(pod, requests, app_login_and_pod_certificate):
    app, _, pod_certificate = app_login_and_pod_certificate
    async with SymphonyBdk(app(pod)) as bdk:
        claims = await bdk.app_authenticator().validate_jwt(identity_jwt(pod, app="app", user="alice"))

    assert requests == [pod_certificate]
    assert claims["aud"] == "app"
    assert claims["user"]["id"] == claims["sub"]
    assert claims["user"]["displayName"] == "Alice Adams"
    assert claims["user"]["emailAddress"] == "alice@mock-pod.example"


async def test_what_the_pod_did_not_sign_is_refused(pod, app_login_and_pod_certificate):
    app, _, _ = app_login_and_pod_certificate
    about_alice, _, _ = identity_jwt(pod, app="app", user="alice").rpartition(".")
    _, _, signature_about_bob = identity_jwt(pod, app="app", user="bob").rpartition(".")
    async with SymphonyBdk(app(pod)) as bdk:
        with pytest.raises(AuthInitializationError):
            await bdk.app_authenticator().validate_jwt(f"{about_alice}.{signature_about_bob}")
