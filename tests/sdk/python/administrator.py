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
    return control(pod, "POST", "/_mock/identity-jwt", {"app": app, "user": user})["jwt"]


def call(pod, method, path, session_token, body=None):
    """One request beside the SDK's own. Gives the body of the answer, or none."""
    trust = ssl.create_default_context(cafile=pod.home / "ca.pem")
    data = None if body is None else json.dumps(body).encode()
    headers = {"sessionToken": session_token, "Content-Type": "application/json"}
    request = urllib.request.Request(f"https://localhost:{pod.port}{path}", method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, context=trust) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def as_person(pod, user, deed, **what):
    """Lets somebody do in his client what no SDK can, such as to speak to a bot. Gives the answer."""
    return control(pod, "POST", f"/_mock/people/{user}/{deed}", what)


def advance_clock(pod, by):
    """Moves the clock of the pod, `by` a duration like `90m`."""
    control(pod, "POST", "/_mock/clock/advance", {"by": by})


def control(pod, method, path, body=None):
    """One request to the control port. Gives the body of the answer, or none."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://localhost:{pod.control_port}{path}", method=method, data=data)
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
        return json.loads(content) if content else None
