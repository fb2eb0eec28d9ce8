"""The short-lived token that a login's answer may carry. The Python BDK hands it out and shows it to nobody."""

import pods
import pytest
from bots import RSA_LOGIN, certificate_bot, rsa_bot
from symphony.bdk.core.symphony_bdk import SymphonyBdk


@pytest.fixture(scope="module")
def pod(home):
    with pods.described(home, settings={"authorizationToken": True}) as pod:
        yield pod


async def test_a_bot_with_a_key_gets_it_with_its_login_and_keeps_it(pod, requests):
    async with SymphonyBdk(rsa_bot(pod)) as bdk:
        token = await bdk.bot_session().auth_token

        assert await bdk.bot_session().auth_token == token
    assert token.startswith("Bearer ")
    assert requests == [RSA_LOGIN]


async def test_a_bot_with_a_certificate_dies_asking_for_it(pod):
    """Only BotAuthenticatorRsa has the method that AuthSession.auth_token calls."""
    async with SymphonyBdk(certificate_bot(pod)) as bdk:
        with pytest.raises(AttributeError, match="_authenticate_and_get_token_object"):
            await bdk.bot_session().auth_token
