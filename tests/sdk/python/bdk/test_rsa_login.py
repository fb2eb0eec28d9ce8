"""A bot logs in with a token signed by its RSA key."""

import pytest
from administrator import log_out
from bots import RSA_LOGIN, RSA_LOGIN_TO_KEY_MANAGER, SESSION_INFO, configuration, private_key, rsa_bot
from symphony.bdk.core.auth.exception import AuthUnauthorizedError
from symphony.bdk.core.symphony_bdk import SymphonyBdk


async def test_a_bot_logs_in_and_learns_who_it_is(pod, requests):
    async with SymphonyBdk(rsa_bot(pod)) as bdk:
        me = await bdk.sessions().get_session()

    assert requests == [RSA_LOGIN, SESSION_INFO]
    assert me.username == "bot"


async def test_a_bot_gets_a_key_manager_token_of_its_own(pod, requests):
    async with SymphonyBdk(rsa_bot(pod)) as bdk:
        session_token = await bdk.bot_session().session_token
        key_manager_token = await bdk.bot_session().key_manager_token

    assert requests == [RSA_LOGIN, RSA_LOGIN_TO_KEY_MANAGER]
    assert key_manager_token
    assert key_manager_token != session_token


@pytest.mark.parametrize(
    "username, key_of",
    [("stranger", "stranger"), ("bot", "stranger"), ("bot2", "bot")],
    ids=["an unknown user", "the key of an unknown user", "the key of another user"],
)
async def test_a_key_that_is_not_the_users_is_unauthorized_at_once(pod, requests, username, key_of):
    impostor = configuration(pod, bot={"username": username, "privateKey": private_key(pod.home, key_of)})
    async with SymphonyBdk(impostor) as bdk:
        with pytest.raises(AuthUnauthorizedError):
            await bdk.bot_session().session_token

    assert requests == [RSA_LOGIN]


async def test_a_bot_comes_back_by_itself_after_its_session_was_ended(pod, requests):
    async with SymphonyBdk(rsa_bot(pod)) as bdk:
        ended = await bdk.bot_session().session_token
        log_out(pod, ended)
        requests.clear()

        me = await bdk.sessions().get_session()

        assert await bdk.bot_session().session_token != ended
    assert me.username == "bot"
    assert requests == [SESSION_INFO, RSA_LOGIN, RSA_LOGIN_TO_KEY_MANAGER, SESSION_INFO]
