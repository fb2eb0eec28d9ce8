"""The pod's control port: plain HTTP and JSON."""

from __future__ import annotations

import http.client
import json
from typing import Any, Dict, Optional, Tuple
from urllib.parse import quote, urlencode, urlsplit


class ControlError(Exception):
    """The control port did not do what it was asked to."""

    def __init__(self, status: int, message: str, field: Optional[str] = None, body: Any = None):
        super().__init__(f"{field}: {message}" if field else message)
        #: The HTTP status.
        self.status = status
        #: The field of the request that was wrong.
        self.field = field
        #: The whole answer.
        self.body = body


class Control:
    """One pod's side of the control port. Safe to share between threads: every call has a connection of its own."""

    def __init__(self, url: str, token: Optional[str] = None, timeout: float = 30):
        self.url = url.rstrip("/")
        self.token = token
        self.timeout = timeout
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of a control port; expected something like http://localhost:8080")
        self.host: str = parts.hostname
        self._tls = parts.scheme == "https"
        self._port = parts.port
        self._prefix = parts.path

    def of_pod(self, name: str) -> Control:
        """The same port, for the pod called so."""
        return Control(f"{self.url}/t/{quote(name, safe='~')}", self.token, self.timeout)

    def get(self, path: str, **query: object) -> Any:
        given = {name: _query_text(value) for name, value in query.items() if value is not None}
        return self.call("GET", f"{path}?{urlencode(given)}" if given else path)

    def post(self, path: str, body: object = None, *, patience: float = 0) -> Any:
        """`patience` is how many seconds the pod may take on top of the usual."""
        return self.call("POST", path, body, patience=patience)

    def put(self, path: str, body: object = None) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: object = None, *, patience: float = 0) -> Any:
        """One call with a JSON body. Gives the answer's JSON, and `None` where it is empty."""
        content = None if body is None else json.dumps(body).encode()
        answer, _ = self.exchange(method, path, content, "application/json", patience=patience)
        if not answer:
            return None
        try:
            return json.loads(answer)
        except ValueError:
            return answer.decode(errors="replace")

    def exchange(
        self,
        method: str,
        path: str,
        content: Optional[bytes] = None,
        content_type: Optional[str] = None,
        *,
        patience: float = 0,
    ) -> Tuple[bytes, str]:
        """One call. Gives the answer's body and its type."""
        kind = http.client.HTTPSConnection if self._tls else http.client.HTTPConnection
        connection = kind(self.host, self._port, timeout=self.timeout + patience)
        headers = {"Connection": "close"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if content is not None and content_type:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, self._prefix + path, content, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise _error(method, self.url + path, response.status, answer)
        return answer, response.headers.get_content_type()


def _error(method: str, url: str, status: int, answer: bytes) -> ControlError:
    text = answer.decode(errors="replace").strip()
    try:
        body: Any = json.loads(text)
    except ValueError:
        body = text
    fields: Dict[str, Any] = body if isinstance(body, dict) else {}
    message = fields.get("error") or fields.get("message") or text or http.client.responses.get(status, "")
    return ControlError(status, f"{message} ({status} to {method} {url})", fields.get("field"), body)


def _query_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
