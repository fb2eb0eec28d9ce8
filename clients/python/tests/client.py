"""A client of the pod as small as one can be, in place of an SDK."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any, Dict, Optional, Tuple

from symphony_mock_pod import Pod


class Client:
    """A bot that logs in with its certificate."""

    def __init__(self, pod: Pod, bot: str = "bot"):
        self._url = pod.url
        self._trust = ssl.create_default_context(cafile=str(pod.ca_path))
        self._trust.load_cert_chain(str(pod.bot(bot).certificate_path))
        self._token: Optional[str] = None

    def log_in(self) -> Client:
        status, answer = self.call("POST", "/sessionauth/v1/authenticate")
        assert status == 200, answer
        self._token = answer["token"]
        return self

    def call(self, method: str, path: str, body: Any = None) -> Tuple[int, Any]:
        headers: Dict[str, str] = {"sessionToken": self._token} if self._token else {}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self._url + path, method=method, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self._trust) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read() or b"null")

    def me(self) -> Tuple[int, Any]:
        return self.call("GET", "/pod/v2/sessioninfo")
