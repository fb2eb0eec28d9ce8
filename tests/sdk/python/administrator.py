"""What a test does beside the SDK: calls no SDK has, and those of the control port."""

import json
import ssl
import urllib.request


def log_out(pod, session_token, identity="bot"):
    """Ends a session whose owner, or whose app, `identity` is."""
    trust = ssl.create_default_context(cafile=pod.home / "ca.pem")
    trust.load_cert_chain(pod.home / f"{identity}-combined.pem")
    call = urllib.request.Request(
        f"https://localhost:{pod.port}/sessionauth/v1/logout", method="POST", headers={"sessionToken": session_token}
    )
    with urllib.request.urlopen(call, context=trust) as answer:
        return json.load(answer)


def identity_jwt(pod, app, user):
    """What the pod would tell the front end of an app about its user."""
    call = urllib.request.Request(
        f"http://localhost:{pod.control_port}/_mock/identity-jwt", data=json.dumps({"app": app, "user": user}).encode()
    )
    with urllib.request.urlopen(call) as answer:
        return json.load(answer)["jwt"]


def call(pod, method, path, session_token, body=None):
    """One request beside the SDK's own. Gives the body of the answer, or none."""
    trust = ssl.create_default_context(cafile=pod.home / "ca.pem")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"https://localhost:{pod.port}{path}", method=method, data=data, headers={"sessionToken": session_token}
    )
    with urllib.request.urlopen(request, context=trust) as answer:
        content = answer.read()
        return json.loads(content) if content else None
