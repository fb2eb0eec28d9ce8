"""What a test does beside the SDK, because no SDK has a call for it."""

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
