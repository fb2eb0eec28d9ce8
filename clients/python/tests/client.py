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

    def send(self, stream: str, message: str) -> Any:
        boundary = "a-boundary"
        part = f'--{boundary}\r\nContent-Disposition: form-data; name="message"\r\n\r\n{message}\r\n--{boundary}--\r\n'
        status, answer = self._call(
            "POST", f"/agent/v4/stream/{stream}/message/create", part.encode(), f"multipart/form-data; boundary={boundary}"
        )
        assert status == 200, answer
        return answer

    def call(self, method: str, path: str, body: Any = None, *, at: Optional[str] = None) -> Tuple[int, Any]:
        """`at`: the URL of another listener."""
        return self._call(method, path, None if body is None else json.dumps(body).encode(), "application/json", at)

    def me(self) -> Tuple[int, Any]:
        return self.call("GET", "/pod/v2/sessioninfo")

    def _call(
        self, method: str, path: str, data: Optional[bytes], content_type: str, at: Optional[str] = None
    ) -> Tuple[int, Any]:
        headers: Dict[str, str] = {"sessionToken": self._token} if self._token else {}
        if data is not None:
            headers["Content-Type"] = content_type
        request = urllib.request.Request((at or self._url) + path, method=method, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self._trust) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read() or b"null")
