"""What people do in their clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Mapping, Optional, Sequence, Union
from urllib.parse import quote

from .control import Control
from .journal import Request

#: What is entered into a control of a form: a text, several, or the ids of users.
Entered = Union[str, Sequence[str], Sequence[int]]


@dataclass(frozen=True)
class SentMessage:
    """A message that somebody sent."""

    message_id: str
    stream_id: str
    #: When, on the pod's clock.
    sent: datetime


#: A message: its id, what `Person.send` gave, or the request with which a bot sent it.
MessageLike = Union[str, SentMessage, Request]


class Person:
    """Somebody on the pod, or on a foreign one, who acts as a person does in a client."""

    def __init__(self, control: Control, username: str):
        self._control = control
        self.username = username

    def __repr__(self) -> str:
        return f"Person({self.username!r})"

    def send(
        self,
        stream: str,
        message: str,
        *,
        data: Any = None,
        reply_to: Optional[MessageLike] = None,
        forwards: Optional[MessageLike] = None,
    ) -> SentMessage:
        """Sends a message into a room, by its name, or a stream, by its id.

        `message` is MessageML, PresentationML or plain text, which is wrapped; `data` is the JSON of its entities.
        """
        body: Dict[str, Any] = {"stream": stream, "message": message}
        if data is not None:
            body["data"] = data
        if reply_to is not None:
            body["replyTo"] = message_id(reply_to)
        if forwards is not None:
            body["forwards"] = message_id(forwards)
        return _sent(self._do("messages", body))

    def edit(self, message: MessageLike, text: str, *, data: Any = None, silent: bool = False) -> SentMessage:
        """Changes what a message of his says; `silent`: it comes as already read."""
        body: Dict[str, Any] = {"message": message_id(message), "text": text}
        if data is not None:
            body["data"] = data
        if silent:
            body["silent"] = True
        return _sent(self._do("edits", body))

    def read(self, message: MessageLike, *, delivered_only: bool = False) -> None:
        """Reads a message, or lets his client have it only."""
        body: Dict[str, Any] = {"message": message_id(message)}
        if delivered_only:
            body["deliveredOnly"] = True
        self._do("reads", body)

    def submit_form(
        self,
        message: MessageLike,
        values: Optional[Mapping[str, Entered]] = None,
        *,
        button: Optional[str] = None,
        form: Optional[str] = None,
    ) -> None:
        """Fills in the form of a message and presses one of its buttons.

        `form` and `button` may be left out where the message has one of them.
        """
        body: Dict[str, Any] = {"message": message_id(message), "values": dict(values or {})}
        if form is not None:
            body["form"] = form
        if button is not None:
            body["button"] = button
        self._do("forms", body)

    def join(self, stream: str) -> None:
        """Joins a room."""
        self._do("joins", {"stream": stream})

    def leave(self, stream: str) -> None:
        """Leaves a room."""
        self._do("leaves", {"stream": stream})

    def request_to_join(self, stream: str) -> None:
        """Asks the owners of a room to be let in."""
        self._do("requests-to-join", {"stream": stream})

    def connect(self, other: str, action: str = "request") -> bool:
        """Asks somebody for a connection; `accept` or `reject` answer such a question, `remove` ends a connection.

        Gives whether the two are connected now.
        """
        return bool(self._do("connections", {"with": other, "action": action})["connected"])

    def _do(self, verb: str, body: Mapping[str, Any]) -> Any:
        return self._control.post(f"/_mock/people/{quote(self.username, safe='')}/{verb}", body)


def message_id(message: MessageLike) -> str:
    """The id of a message."""
    if isinstance(message, str):
        return message
    if isinstance(message, SentMessage):
        return message.message_id
    answer = message.response_json
    if not isinstance(answer, dict) or "messageId" not in answer:
        raise ValueError(f"this request sent no message: {message.line}")
    return str(answer["messageId"])


def _sent(answer: Any) -> SentMessage:
    sent = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=answer["timestamp"])
    return SentMessage(answer["messageId"], answer["streamId"], sent)
