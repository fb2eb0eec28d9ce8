"""What people do in their clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union
from urllib.parse import quote, urlencode

from .control import Control
from .journal import Request
from .units import Duration, duration_text

#: What is entered into a control of a form: a text, several, or the ids of users.
Entered = Union[str, Sequence[str], Sequence[int]]


@dataclass(frozen=True)
class SentMessage:
    """A message that somebody sent."""

    message_id: str
    stream_id: str
    #: When, on the pod's clock.
    sent: datetime


@dataclass(frozen=True)
class SeenMessage:
    """A message as somebody sees it."""

    message_id: str
    #: The user name of whoever sent it.
    author: str
    #: What is said, without any markup.
    text: str
    #: All of it: `message` in PresentationML, `data`, `attachments`, `timestamp`, `streamId`.
    document: Dict[str, Any]


#: A message: its id, what `Person.send` gave, or the request with which a bot sent it.
MessageLike = Union[str, SentMessage, SeenMessage, Request]


class Answer:
    """What somebody does by himself. As a context manager it ends with the block; without, with the pod."""

    def __init__(self, control: Control, path: str, number: int):
        self._control = control
        self._path = path
        self.id = number

    def __enter__(self) -> Answer:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.forget()

    @property
    def done(self) -> int:
        """How often he did it."""
        return int(self._row["done"])

    @property
    def failed(self) -> Optional[str]:
        """Why he could not, the last time."""
        failed = self._row["failed"]
        return None if failed is None else str(failed)

    def forget(self) -> None:
        """Ends it."""
        self._control.delete(f"{self._path}/{self.id}")

    @property
    def _row(self) -> Dict[str, Any]:
        rows = self._control.get(self._path)["answers"]
        return dict(next(row for row in rows if row["id"] == self.id))


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
        message: Optional[str] = None,
        *,
        message_ml: Optional[str] = None,
        presentation_ml: Optional[str] = None,
        data: Any = None,
        reply_to: Optional[MessageLike] = None,
        forwards: Optional[MessageLike] = None,
        ignore_warning: bool = False,
    ) -> SentMessage:
        """Sends a message into a room, by its name, or a stream, by its id.

        `message` is what he types into his client, which marks up `@name`, `#tag`, `$cash`, `:emoji:`, links and pasted
        tables. `message_ml` is MessageML as bots send it. `presentation_ml`, with `data` beside it, arrives exactly so,
        checked by nobody. `ignore_warning`: although a policy warns of it, as his client lets him.
        """
        body = {"stream": stream, **_said("message", message, message_ml, presentation_ml, data)}
        if reply_to is not None:
            body["replyTo"] = message_id(reply_to)
        if forwards is not None:
            body["forwards"] = message_id(forwards)
        if ignore_warning:
            body["ignoreWarning"] = True
        return _sent(self._do("messages", body))

    def edit(
        self,
        message: MessageLike,
        text: Optional[str] = None,
        *,
        message_ml: Optional[str] = None,
        presentation_ml: Optional[str] = None,
        data: Any = None,
        silent: bool = False,
        ignore_warning: bool = False,
    ) -> SentMessage:
        """Changes what a message of his says, told as `send` is; `silent`: it comes as already read."""
        body = {"message": message_id(message), **_said("text", text, message_ml, presentation_ml, data)}
        if silent:
            body["silent"] = True
        if ignore_warning:
            body["ignoreWarning"] = True
        return _sent(self._do("edits", body))

    def messages(self, stream: str, *, limit: Optional[int] = None) -> List[SeenMessage]:
        """What somebody sees in a stream, the newest at the end; 50 messages, unless `limit` says otherwise."""
        found = self._control.get(f"{self._path}/messages", stream=stream, limit=limit)
        return [SeenMessage(row["messageId"], row["author"], row["text"], row) for row in found["messages"]]

    def suppress(self, message: MessageLike) -> None:
        """Takes a message of his own back."""
        self._do("suppressions", {"message": message_id(message)})

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
        force: bool = False,
    ) -> None:
        """Fills in the form of a message and presses one of its buttons.

        `form` and `button` may be left out where the message has one of them. People and rooms go by name or id. What a
        client would not send is refused with the reason; with `force` it is sent.
        """
        body: Dict[str, Any] = {"message": message_id(message), "values": dict(values or {})}
        if form is not None:
            body["form"] = form
        if button is not None:
            body["button"] = button
        if force:
            body["force"] = True
        self._do("forms", body)

    def join(self, stream: str) -> None:
        """Joins a room."""
        self._do("joins", {"stream": stream})

    def leave(self, stream: str) -> None:
        """Leaves a room."""
        self._do("leaves", {"stream": stream})

    def invite(self, stream: str, user: str) -> None:
        """Lets somebody else into a room."""
        self._do("members", {"stream": stream, "user": user})

    def remove_member(self, stream: str, user: str) -> None:
        """Sends somebody else out of a room."""
        self._do("members", {"stream": stream, "user": user, "remove": True})

    def request_to_join(self, stream: str) -> None:
        """Asks the owners of a room to be let in."""
        self._do("requests-to-join", {"stream": stream})

    def talk_to(self, *others: str) -> str:
        """Opens the chat with somebody, or with several, and gives the id of its stream."""
        return str(self._do("rooms", {"with": list(others)})["streamId"])

    def open_room(self, name: str, members: Sequence[str] = (), **settings: Any) -> str:
        """Makes a room with others in it, and gives its stream's id. `settings`: `public=True`, `description="…"`, …"""
        return str(self._do("rooms", {"name": name, "members": list(members), **settings})["streamId"])

    def be(self, presence: str) -> None:
        """Says how present he is: `AVAILABLE`, `BUSY`, …"""
        self._do("presence", {"category": presence})

    def answer(
        self,
        message: Optional[str] = None,
        *,
        message_ml: Optional[str] = None,
        presentation_ml: Optional[str] = None,
        data: Any = None,
        form: Optional[Mapping[str, Entered]] = None,
        button: Optional[str] = None,
        read: bool = False,
        join: Optional[str] = None,
        when: Optional[Mapping[str, str]] = None,
        times: Optional[int] = None,
        after: Optional[Duration] = None,
    ) -> Answer:
        """Lets him do one thing by himself whenever a service user sends a message that he sees.

        The thing: say something, told as `send` is, fill in the message's `form`, `read` it, or `join` a room. `when` restricts it to
        messages that fit: `stream`, `from`, `matches` (a regular expression), `form` (its id). `times`: at most so
        often; `after`: so much later, on the pod's clock.
        """
        thing = {"form": form, "button": button, "read": read or None, "join": join}
        answer = _said("message", message, message_ml, presentation_ml, data)
        answer.update({name: value for name, value in thing.items() if value is not None})
        body: Dict[str, Any] = {"answer": answer}
        if when is not None:
            body["when"] = dict(when)
        if times is not None:
            body["times"] = times
        if after is not None:
            body["after"] = duration_text(after)
        return Answer(self._control, f"{self._path}/answers", self._do("answers", body)["id"])

    def forget_answers(self) -> None:
        """Ends all that he does by himself."""
        self._control.delete(f"{self._path}/answers")

    def connect(self, other: str, action: str = "request") -> bool:
        """Asks somebody for a connection; `accept` or `reject` answer such a question, `remove` ends a connection.

        Gives whether the two are connected now.
        """
        return bool(self._do("connections", {"with": other, "action": action})["connected"])

    def follow(self, other: str) -> None:
        """Follows somebody."""
        self._do("follows", {"user": other})

    def unfollow(self, other: str) -> None:
        """Follows somebody no longer."""
        self._do("follows", {"user": other, "follow": False})

    def create_signal(self, name: str, query: str, *, company_wide: bool = False, visible_on_profile: bool = False) -> str:
        """Makes a signal, `HASHTAG:gold AND AUTHOR:68719476737` for one, and gives its id."""
        body = {"name": name, "query": query, "companyWide": company_wide, "visibleOnProfile": visible_on_profile}
        return str(self._do("signals", body)["signalId"])

    def subscribe(self, signal: str) -> None:
        """Subscribes to a signal, by its id."""
        self._do("subscriptions", {"signal": signal})

    def unsubscribe(self, signal: str) -> None:
        """Leaves a signal."""
        self._do("subscriptions", {"signal": signal, "subscribe": False})

    def shown_by_signal(self, signal: str) -> List[Dict[str, Any]]:
        """What a signal shows him, the newest at the end."""
        answer = self._control.get(f"{self._path}/signals/{quote(signal, safe='')}/messages")
        return list(answer["messages"])

    def search_by_meaning(self, text: str, stream: Optional[str] = None) -> List[Dict[str, Any]]:
        """What he finds by meaning, each with its `score`, the most fitting first."""
        query = {"text": text, "stream": stream}
        given = urlencode({name: value for name, value in query.items() if value is not None})
        return list(self._control.get(f"{self._path}/semantic-search?{given}")["messages"])

    @property
    def _path(self) -> str:
        return f"/_mock/people/{quote(self.username, safe='')}"

    def _do(self, verb: str, body: Mapping[str, Any]) -> Any:
        return self._control.post(f"{self._path}/{verb}", body)


def message_id(message: MessageLike) -> str:
    """The id of a message."""
    if isinstance(message, str):
        return message
    if isinstance(message, (SentMessage, SeenMessage)):
        return message.message_id
    answer = message.response_json
    if not isinstance(answer, dict) or "messageId" not in answer:
        raise ValueError(f"this request sent no message: {message.line}")
    return str(answer["messageId"])


def _said(
    typed: str, text: Optional[str], message_ml: Optional[str], presentation_ml: Optional[str], data: Any
) -> Dict[str, Any]:
    """What is said, as the control port has it. What is missing or too much is the pod's to say."""
    said = {typed: text, "messageML": message_ml, "presentationML": presentation_ml, "data": data}
    return {name: value for name, value in said.items() if value is not None}


def _sent(answer: Any) -> SentMessage:
    sent = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=answer["timestamp"])
    return SentMessage(answer["messageId"], answer["streamId"], sent)
