"""sym-api-client-python 1.3.7, out of support but still in production, and the bare requests of clients like it.

It waits 30 seconds after every refused login and counts to five. Both are in a dictionary of its own, which the tests
set to zero.
"""

import http.client
import json
import ssl

import pods
import pytest
import requests
from administrator import log_out
from sym_api_client_python.auth.auth import Auth
from sym_api_client_python.auth.auth_endpoint_constants import auth_endpoint_constants
from sym_api_client_python.auth.rsa_auth import SymBotRSAAuth
from sym_api_client_python.clients.sym_bot_client import SymBotClient
from sym_api_client_python.configure.configure import SymConfig
from sym_api_client_python.exceptions.MaxRetryException import MaxRetryException


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setitem(auth_endpoint_constants, "TIMEOUT", 0)
    monkeypatch.setitem(auth_endpoint_constants, "WAIT_TIME", 0)


@pytest.fixture(autouse=True)
def only_the_truststore_of_the_configuration(monkeypatch):
    """In `requests` a bundle of the environment beats the one a session was given."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


@pytest.fixture
def answers(monkeypatch):
    """Every request the SDK makes and the status it got: `["POST /sessionauth/v1/authenticate 200", …]`."""
    got = []
    send = requests.Session.send

    def send_and_note(session, request, **options):
        response = send(session, request, **options)
        got.append(f"{request.method} {request.path_url} {response.status_code}")
        return response

    monkeypatch.setattr(requests.Session, "send", send_and_note)
    return got


def certificate_bot(pod, directory, name="bot"):
    return configuration(
        pod,
        directory,
        botUsername=name,
        botCertPath=str(pod.home),
        botCertName=f"{name}.p12",
        botCertPassword="changeit",
    )


def rsa_bot(pod, directory, name="bot"):
    return configuration(
        pod, directory, botUsername=name, botPrivateKeyPath=str(pod.home), botPrivateKeyName=f"{name}-rsa.pem"
    )


def configuration(pod, directory, **bot):
    content = {"truststorePath": str(pod.home / "ca.pem")}
    for component in ("sessionAuth", "keyAuth", "pod", "agent"):
        content |= {f"{component}Host": "localhost", f"{component}Port": pod.port}
    file = directory / "config.json"
    file.write_text(json.dumps(content | bot))
    config = SymConfig(str(file))
    config.load_config()
    return config


def test_a_bot_logs_in_with_its_certificate_and_learns_who_it_is(pod, tmp_path):
    config = certificate_bot(pod, tmp_path)
    auth = Auth(config)
    auth.authenticate()

    assert auth.get_session_token()
    assert auth.get_key_manager_token()
    assert auth.get_session_token() != auth.get_key_manager_token()
    assert SymBotClient(auth, config).get_bot_user_info()["username"] == "bot"


def test_the_configuration_that_the_pod_makes_is_read_as_it_is(pod, tmp_path):
    pods.make_configuration(pod, tmp_path, "--client", "legacy-python")
    config = SymConfig(str(tmp_path / "legacy-python.json"))
    config.load_config()
    auth = Auth(config)
    auth.authenticate()

    assert SymBotClient(auth, config).get_bot_user_info()["username"] == "bot"


def test_a_certificate_with_an_unknown_name_is_refused_until_the_client_gives_up(pod, tmp_path, answers):
    with pytest.raises(MaxRetryException):
        Auth(certificate_bot(pod, tmp_path, name="stranger")).authenticate()

    assert answers == ["POST /sessionauth/v1/authenticate 401"] * 6


def test_a_call_after_logout_is_repeated_but_its_answer_is_lost(pod, tmp_path, answers):
    """The client logs in again and repeats the call, then drops what it got: execute_rest_call in
    clients/sym_bot_client.py calls itself without returning the result."""
    config = certificate_bot(pod, tmp_path)
    auth = Auth(config)
    auth.authenticate()
    users = SymBotClient(auth, config).get_user_client()
    ended = auth.get_session_token()
    log_out(pod, ended)
    answers.clear()

    assert users.get_session_user() is None
    assert answers == [
        "GET /pod/v2/sessioninfo 401",
        "POST /sessionauth/v1/authenticate 200",
        "POST /keyauth/v1/authenticate 200",
        "GET /pod/v2/sessioninfo 200",
    ]
    assert auth.get_session_token() != ended
    assert users.get_session_user()["username"] == "bot"


def test_a_bot_logs_in_with_a_token_that_is_good_for_almost_five_minutes(pod, tmp_path, answers):
    """290 seconds: the longest that any client asks for."""
    config = rsa_bot(pod, tmp_path)
    auth = SymBotRSAAuth(config)
    auth.authenticate()

    assert answers == ["POST /login/pubkey/authenticate 200", "POST /relay/pubkey/authenticate 200"]
    assert SymBotClient(auth, config).get_bot_user_info()["username"] == "bot"


@pytest.mark.parametrize("path", ["/sessionauth/v1/authenticate", "/keyauth/v1/authenticate"])
def test_a_login_needs_neither_a_content_type_nor_a_body(pod, path):
    """What csp-adapter-symphony 0.4.0 sends: Host, Accept-Encoding, Content-Length: 0 and nothing else."""
    trust = ssl.create_default_context(cafile=pod.home / "ca.pem")
    trust.load_cert_chain(pod.home / "bot-combined.pem")
    connection = http.client.HTTPSConnection("localhost", pod.port, context=trust)
    connection.request("POST", path)
    answer = connection.getresponse()

    assert answer.status == 200
    assert json.load(answer)["token"]
