"""Configurations as the owner of a bot or an app would write them."""

import json

from symphony.bdk.core.config.loader import BdkConfigLoader

CERTIFICATE_LOGIN = "POST /sessionauth/v1/authenticate"
CERTIFICATE_LOGIN_TO_KEY_MANAGER = "POST /keyauth/v1/authenticate"
RSA_LOGIN = "POST /login/pubkey/authenticate"
RSA_LOGIN_TO_KEY_MANAGER = "POST /relay/pubkey/authenticate"
SESSION_INFO = "GET /pod/v2/sessioninfo"

# Two attempts, ten milliseconds apart: the defaults are ten attempts and minutes of waiting.
RETRY = {"maxAttempts": 2, "initialIntervalMillis": 10, "multiplier": 1, "maxIntervalMillis": 10}


def certificate_bot(pod, /, **changes):
    """The bot `bot`, which logs in with its certificate; `changes` replace whole keys."""
    return configuration(pod, bot={"username": "bot", "certificate": certificate(pod.home, "bot")}, **changes)


def rsa_bot(pod, /, **changes):
    """The bot `bot`, which logs in with a token signed by its key; `changes` replace whole keys."""
    return configuration(pod, bot={"username": "bot", "privateKey": private_key(pod.home, "bot")}, **changes)


def certificate_app(pod, /, **changes):
    """The app `app`, which logs in with its certificate; `changes` replace whole keys."""
    return configuration(pod, app={"appId": "app", "certificate": certificate(pod.home, "app")}, **changes)


def rsa_app(pod, /, **changes):
    """The app `app`, which logs in with a token signed by its key; `changes` replace whole keys."""
    return configuration(pod, app={"appId": "app", "privateKey": private_key(pod.home, "app")}, **changes)


def configuration(pod, /, **keys):
    content = {
        "host": "localhost",
        "port": pod.port,
        "ssl": {"trustStore": {"path": str(pod.home / "ca.pem")}},
        "retry": RETRY,
    }
    return BdkConfigLoader.load_from_content(json.dumps(content | keys))


def certificate(directory, name):
    """The file the SDK wants: certificate and key in one."""
    return {"path": str(directory / f"{name}-combined.pem")}


def private_key(directory, name):
    return {"path": str(directory / f"{name}-rsa.pem")}
