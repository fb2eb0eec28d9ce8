"""A bot logs in with a client certificate."""

import ssl
from pathlib import Path

import aiohttp
import pods
import pytest
from administrator import log_out
from bots import (
    CERTIFICATE_LOGIN,
    CERTIFICATE_LOGIN_TO_KEY_MANAGER,
    SESSION_INFO,
    certificate,
    certificate_bot,
    configuration,
)
from symphony.bdk.core.auth.exception import AuthUnauthorizedError
from symphony.bdk.core.symphony_bdk import SymphonyBdk


async def test_a_bot_logs_in_and_learns_who_it_is(pod, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        me = await bdk.sessions().get_session()

    assert requests == [CERTIFICATE_LOGIN, SESSION_INFO]
    assert me.username == "bot"
    assert me.display_name
    assert isinstance(me.id, int)


async def test_a_bot_gets_a_key_manager_token_of_its_own(pod, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        session_token = await bdk.bot_session().session_token
        key_manager_token = await bdk.bot_session().key_manager_token

    assert requests == [CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER]
    assert session_token
    assert key_manager_token
    assert key_manager_token != session_token


async def test_every_login_opens_a_session_of_its_own(pod):
    async with SymphonyBdk(certificate_bot(pod)) as first, SymphonyBdk(certificate_bot(pod)) as second:
        assert await first.bot_session().session_token != await second.bot_session().session_token
        assert (await first.sessions().get_session()).id == (await second.sessions().get_session()).id


async def test_certificate_logins_may_go_to_the_port_that_demands_a_certificate(pod):
    demanding = {"port": pod.mtls_port}
    async with SymphonyBdk(certificate_bot(pod, sessionAuth=demanding, keyManager=demanding)) as bdk:
        assert (await bdk.sessions().get_session()).username == "bot"
        assert await bdk.bot_session().key_manager_token


async def test_a_context_that_ends_in_slashes_still_finds_the_pod(pod, requests):
    async with SymphonyBdk(certificate_bot(pod, context="//")) as bdk:
        assert (await bdk.sessions().get_session()).username == "bot"

    assert requests == ["POST //sessionauth/v1/authenticate", "GET //pod/v2/sessioninfo"]


async def test_a_certificate_with_an_unknown_name_is_unauthorized_at_once(pod, requests):
    stranger = configuration(pod, bot={"username": "stranger", "certificate": certificate(pod.home, "stranger")})
    async with SymphonyBdk(stranger) as bdk:
        with pytest.raises(AuthUnauthorizedError):
            await bdk.bot_session().session_token

    assert requests == [CERTIFICATE_LOGIN]


async def test_the_name_in_the_configuration_does_not_matter_only_the_certificate_does(pod):
    misnamed = configuration(pod, bot={"username": "stranger", "certificate": certificate(pod.home, "bot")})
    async with SymphonyBdk(misnamed) as bdk:
        assert (await bdk.sessions().get_session()).username == "bot"


async def test_a_certificate_of_a_foreign_authority_fails_in_tls(pod, foreign):
    foreigner = configuration(pod, bot={"username": "bot", "certificate": certificate(foreign, "bot")})
    async with SymphonyBdk(foreigner) as bdk:
        with pytest.raises(aiohttp.ClientOSError, match="alert"):
            await bdk.bot_session().session_token


async def test_a_bot_that_trusts_another_authority_refuses_the_pod(pod, foreign):
    mistrustful = certificate_bot(pod, ssl={"trustStore": {"path": str(foreign / "ca.pem")}})
    async with SymphonyBdk(mistrustful) as bdk:
        with pytest.raises(aiohttp.ClientConnectorCertificateError) as refusal:
            await bdk.bot_session().session_token

    assert isinstance(refusal.value.certificate_error, ssl.SSLCertVerificationError)


async def test_the_demanding_port_refuses_bots_without_a_certificate_in_tls(pod):
    async with SymphonyBdk(certificate_bot(pod, pod={"port": pod.mtls_port})) as bdk:
        with pytest.raises(aiohttp.ClientOSError, match="alert"):
            await bdk.sessions().get_session()


async def test_a_bot_comes_back_by_itself_after_its_session_was_ended(pod, requests):
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        await bdk.sessions().get_session()
        ended = await bdk.bot_session().session_token
        log_out(pod, ended)
        requests.clear()

        me = await bdk.sessions().get_session()

        assert await bdk.bot_session().session_token != ended
    assert me.username == "bot"
    assert requests == [SESSION_INFO, CERTIFICATE_LOGIN, CERTIFICATE_LOGIN_TO_KEY_MANAGER, SESSION_INFO]


async def test_the_certificates_in_the_repository_are_those_of_a_pod_without_flags():
    certs = Path(__file__).parents[4] / "certs"
    with pods.running(certs) as pod:
        async with SymphonyBdk(certificate_bot(pod)) as bdk:
            assert (await bdk.sessions().get_session()).username == "bot"
