"""What came to the pod, what it answered, and why it said no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from .control import Control, ControlError
from .units import Moment, moment_value


class Request(Dict[str, Any]):
    """An entry of the journal as the pod gives it: one request with its answer, a `CONNECT` to the forward proxy, or a TLS
    handshake that failed.

    Secrets are taken out. The most wanted parts are properties; the rest is in the dictionary.
    """

    @property
    def id(self) -> int:
        """Counts from 1, in the order in which requests ended."""
        return int(self["id"])

    @property
    def operation(self) -> Optional[str]:
        """The name of the operation, where one has the path."""
        return self.get("operation")

    @property
    def method(self) -> Optional[str]:
        return self.get("method")

    @property
    def path(self) -> Optional[str]:
        """With the query, and without what names the pod."""
        return self.get("path")

    @property
    def user(self) -> Optional[str]:
        """Who called: a user name, or the id of an app that called for itself."""
        return self.get("user") or self.get("app")

    @property
    def status(self) -> Optional[int]:
        """`None` where the client left before the answer came."""
        return self.get("status")

    @property
    def listener(self) -> str:
        """The name of the TLS port that it came to."""
        return str(self["listener"])

    @property
    def fault(self) -> Optional[str]:
        """The fault that was injected."""
        return self.get("fault")

    @property
    def why(self) -> Optional[str]:
        """Why the pod said no, or what TLS disliked."""
        refusal = self.get("refusal")
        return refusal["why"] if refusal else self.get("handshake")

    @property
    def tunnel(self) -> Optional[Dict[str, Any]]:
        """The tunnel through the forward proxy that it came through or asked for: `target`, `user` and `port`."""
        return self.get("tunnel")

    @property
    def is_connect(self) -> bool:
        """Whether it came to the forward proxy, and not to the pod itself."""
        return self.method == "CONNECT"

    @property
    def is_handshake(self) -> bool:
        """Whether it is a TLS handshake that failed."""
        return "handshake" in self

    @property
    def refused(self) -> bool:
        """Whether somebody was told no, by the pod or by TLS."""
        return self.why is not None

    @property
    def json(self) -> Any:
        """The JSON that it came with; `None` if it was none."""
        return _body(self, "request").get("json")

    @property
    def parts(self) -> Dict[str, Optional[str]]:
        """The fields of the form that it came with, such as `message` and `data` of a message."""
        return {part.get("name", ""): part.get("text") for part in _body(self, "request").get("parts", [])}

    @property
    def response_json(self) -> Any:
        """The JSON of the answer; `None` if it was none."""
        return _body(self, "response").get("json")

    @property
    def line(self) -> str:
        """All of it in a line."""
        what = f"{self.method} {self.path}" if self.method else f"TLS handshake on port {self.get('port')}"
        by = f" ({self.user})" if self.user else ""
        fault = f" [fault {self.fault}]" if self.fault else ""
        why = f": {self.why}" if self.why else ""
        answer = "---" if self.status is None else self.status
        return f"#{self.id} {answer} {what}{by}{fault}{why}"


#: Where to begin in the journal: after a request, or after the one with this id; or a moment, from which on.
Since = Union[Request, Moment, None]


class Requests(List[Request]):
    """Entries of the journal, the oldest first."""

    def __init__(self, entries: Iterable[Mapping[str, Any]] = (), dropped: int = 0):
        super().__init__(Request(entry) for entry in entries)
        #: How many older ones the journal forgot to make room.
        self.dropped = dropped

    @property
    def lines(self) -> str:
        """Each in a line."""
        lines = [request.line for request in self]
        if self.dropped:
            lines.insert(0, f"({self.dropped} older ones were forgotten)")
        return "\n".join(lines)


@dataclass(frozen=True)
class Why:
    """Why a request was refused: all of it in a line, and in the steps of the decision."""

    line: str
    #: The name of the reason.
    kind: Optional[str]
    #: What was looked at in order, whether it was good, and what was seen; the last is what decided.
    steps: Tuple[Tuple[str, bool, str], ...]
    #: What to do about it, where that is sure.
    hints: Tuple[str, ...]

    def __str__(self) -> str:
        steps = [f"  {'ok ' if good else 'NO '} {step}: {detail}" for step, good, detail in self.steps]
        return "\n".join([self.line, *steps, *(f"  hint: {hint}" for hint in self.hints)])


def requests(control: Control, **filters: object) -> Requests:
    answer = control.get("/_mock/requests", **filters)
    return Requests(answer["requests"], int(answer.get("dropped", 0)))


def why(control: Control, request: Optional[Request]) -> Optional[Why]:
    try:
        found = control.get("/_mock/why" if request is None else f"/_mock/requests/{request.id}/why")
    except ControlError as error:
        if request is None and error.status == 404:
            return None
        raise
    steps = tuple((step["step"], bool(step["ok"]), step["detail"]) for step in found.get("steps", []))
    return Why(found["line"], found.get("kind"), steps, tuple(found.get("hints", [])))


def expect(control: Control, expectation: Mapping[str, Any], wait: float) -> Requests:
    """`wait` is how many seconds the pod may take."""
    __tracebackhide__ = True
    given = {name: value for name, value in expectation.items() if value is not None}
    try:
        answer = control.post("/_mock/expect", given, patience=wait)
    except ControlError as error:
        if error.status != 417:
            raise
        unmet = error.body
    else:
        return Requests(answer["matched"])
    raise AssertionError(_unmet(unmet))


def listening(control: Control, body: Mapping[str, Any], wait: float) -> str:
    """`wait` is how many seconds the pod may take."""
    __tracebackhide__ = True
    try:
        return str(control.post("/_mock/listening", body, patience=wait)["feed"])
    except ControlError as error:
        if error.status != 417:
            raise
        unmet = error.body
    raise AssertionError(str(unmet["message"]))


def since_value(since: Since) -> Union[int, str, None]:
    """Where to begin, as the pod reads it."""
    return since.id if isinstance(since, Request) else None if since is None else moment_value(since)


def _unmet(answer: Mapping[str, Any]) -> str:
    lines = [str(answer["message"])]
    matched, near = answer.get("matched", []), answer.get("near", [])
    if matched:
        lines += ["matched:", *(f"  {Request(request).line}" for request in matched)]
    if near:
        lines.append("nearest:")
    for miss in near:
        lines.append(f"  {Request(miss['request']).line}")
        for missed in miss["missed"]:
            expected, actual = _shown(missed["expected"]), _shown(missed["actual"])
            lines.append(f"      {missed['condition']}: expected {expected}, was {actual}")
    lines += [f"hint: {hint}" for hint in answer.get("hints", [])]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _body(request: Request, side: str) -> Dict[str, Any]:
    return (request.get(side) or {}).get("body") or {}
