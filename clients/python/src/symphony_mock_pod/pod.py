"""A pod: the whole of it that a test may act on and ask about."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Type, Union
from urllib.parse import quote

from . import journal
from .bots import Bot
from .clock import Clock
from .control import Control
from .faults import Faults
from .journal import Request, Requests, Since, Why
from .people import MessageLike, Person, message_id
from .units import Duration, Moment, duration_text, moment_value, patience

if TYPE_CHECKING:
    from .server import Server


class Snapshot:
    """A state of the pod to which it can go back."""

    def __init__(self, pod: Pod, name: str):
        self._pod = pod
        self.name = name

    def __repr__(self) -> str:
        return f"Snapshot({self.name!r})"

    def restore(self) -> None:
        """Goes back to this state, as often as one likes."""
        self._pod.restore(self)

    def pod(self, name: str) -> Pod:
        """Another pod that begins with this state."""
        return self._pod.server.make(name, {"snapshot": self.name}, self._pod)

    def delete(self) -> None:
        """Forgets it."""
        self._pod.control.delete(f"/_mock/snapshots/{quote(self.name, safe='')}")


@dataclass(frozen=True)
class Listener:
    """A TLS port of the server."""

    #: What faults and the journal call it.
    name: str
    #: The part of the API that it serves: `pod`, `agent`, `key-manager`, `session-auth` or `all`.
    role: str
    #: As the server has it, whatever a container makes of it.
    port: int
    #: Whether it demands a client certificate in the handshake.
    mtls: bool


class Pod:
    """A pod. Get one from `Server.pod`, or as the fixture `pod`; as a context manager it is dropped at the end."""

    def __init__(self, server: Server, control: Control, name: Optional[str], folder: Path):
        #: Where it lives.
        self.server = server
        #: Its control port, for what is not among the verbs here.
        self.control = control
        #: Its name; the main pod has none.
        self.name = name
        self.clock = Clock(control)
        self.faults = Faults(control)
        self._folder = folder
        # Whether somebody was told where the pod is: only then is it strange that nobody came.
        self._has_bots = False

    def __repr__(self) -> str:
        return f"<Pod {self.url}>"

    def __enter__(self) -> Pod:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.drop()

    @property
    def host(self) -> str:
        return self.server.host

    @property
    def port(self) -> int:
        """TLS, with a client certificate if the client likes."""
        return self.server.port

    @property
    def mtls_port(self) -> int:
        """TLS, with a client certificate demanded in the handshake."""
        return self.server.mtls_port

    @property
    def context(self) -> str:
        """What stands in front of every path, as the SDKs' setting `context` wants it."""
        return f"/t/{self.name}" if self.name else ""

    @property
    def url(self) -> str:
        """Where SDKs find it."""
        return f"https://{self.host}:{self.port}{self.context}"

    @property
    def mtls_url(self) -> str:
        """The same on the port that demands a client certificate."""
        return f"https://{self.host}:{self.mtls_port}{self.context}"

    @property
    def listeners(self) -> List[Listener]:
        """All TLS ports: `main`, `mtls`, and those that the server was started with as `--listen`."""
        told = self.control.get("/_mock/listeners")["listeners"]
        return [Listener(row["name"], row["role"], int(row["port"]), bool(row["mtls"])) for row in told]

    def listener(self, name: str) -> Listener:
        """The TLS port called so. A `LookupError` tells those that there are."""
        listeners = self.listeners
        for listener in listeners:
            if listener.name == name:
                return listener
        known = ", ".join(listener.name for listener in listeners)
        raise LookupError(f"no listener is called {name!r}; there are {known}")

    def url_of(self, listener: str) -> str:
        """Where a listener is reached, by its name."""
        return f"https://{self.host}:{self.listener(listener).port}{self.context}"

    @property
    def proxy(self) -> Optional[Dict[str, Any]]:
        """The server's forward proxy as the BDK's setting `proxy` wants it; `None` where it was started without `--proxy`."""
        proxy: Optional[Dict[str, Any]] = self.control.get("/_mock/proxy")["proxy"]
        return {**proxy, "host": self.host} if proxy else None

    @property
    def ca_path(self) -> Path:
        """A PEM file with the authority to trust."""
        return self.bot("").trust_store_path

    def bot(self, username: str, auth: str = "rsa", *, app: Optional[str] = None, **settings: Any) -> Bot:
        """A service user, ready for an SDK.

        `auth` is `rsa` or `certificate`; `app` is an extension app to be configured beside it; `settings` replace keys of
        the BDK's configuration, such as `datafeed={"version": "v1"}`.
        """
        if username:
            self._has_bots = True
        server: Dict[str, Any] = {"host": self.host, "port": self.port, "context": self.context}
        return Bot(self.control, self._folder, server, username, auth, app, settings)

    def user(self, username: str) -> Person:
        """Somebody who acts as people do in their clients, on this pod or a foreign one."""
        return Person(self.control, username)

    def expect(
        self,
        operation: str,
        *,
        user: Optional[str] = None,
        strict: bool = True,
        status: Union[int, str, None] = None,
        body: Any = None,
        listener: Optional[str] = None,
        count: Optional[int] = None,
        at_least: Optional[int] = None,
        at_most: Optional[int] = None,
        since: Since = None,
        within: Optional[Duration] = None,
    ) -> Requests:
        """Asserts that such a call came, and gives those that did. An `AssertionError` tells the nearest misses.

        `operation` is a name that `GET /_mock/operations` lists, or a method and a path. `user` is one of the pod's users
        or apps: a name that nobody has is refused, unless `strict` is false. `status`: 401, or `"4xx"`.
        `body`: a text that is somewhere in it, or JSON of which all is in it. `listener`: the name of the one that it
        came to. `count`: exactly so many; without, one at least.

        It waits, in real time and no longer than `within` (5 seconds by default), until enough have come. For a count
        of 0 it does not, unless `within` says how long it is to stay so.

        In a coroutine it looks at what has come already: waiting would stop the event loop, and the bot on it.
        `expect_async` waits there.
        """
        __tracebackhide__ = True
        if _in_event_loop():
            if within is not None:
                raise RuntimeError(
                    "pod.expect(within=...) would stop the event loop that it is called on, and the bot that it waits for:"
                    " use `await pod.expect_async(...)`"
                )
            within = None if count == 0 else 0
        return self._expect(
            operation, user, strict, status, body, listener, count, at_least, at_most, since, within
        )

    async def expect_async(
        self,
        operation: str,
        *,
        user: Optional[str] = None,
        strict: bool = True,
        status: Union[int, str, None] = None,
        body: Any = None,
        listener: Optional[str] = None,
        count: Optional[int] = None,
        at_least: Optional[int] = None,
        at_most: Optional[int] = None,
        since: Since = None,
        within: Optional[Duration] = None,
    ) -> Requests:
        """`expect` for coroutines: the event loop goes on meanwhile."""
        __tracebackhide__ = True
        given = (operation, user, strict, status, body, listener, count, at_least, at_most, since, within)
        ask = partial(self._expect, *given)
        return await asyncio.get_running_loop().run_in_executor(None, ask)

    def _expect(
        self,
        operation: str,
        user: Optional[str],
        strict: bool,
        status: Union[int, str, None],
        body: Any,
        listener: Optional[str],
        count: Optional[int],
        at_least: Optional[int],
        at_most: Optional[int],
        since: Since,
        within: Optional[Duration],
    ) -> Requests:
        __tracebackhide__ = True
        counted: Union[int, Dict[str, int], None] = count
        if at_least is not None or at_most is not None:
            if count is not None:
                raise ValueError("count is exact: it goes neither with at_least nor with at_most")
            bounds = {"atLeast": at_least, "atMost": at_most}
            counted = {name: bound for name, bound in bounds.items() if bound is not None}
        expectation = {
            "operation": operation,
            "user": user,
            "strict": None if strict else False,
            "status": status,
            "body": body,
            "listener": listener,
            "count": counted,
            "since": journal.since_value(since),
            "within": None if within is None else duration_text(within),
        }
        return journal.expect(self.control, expectation, 5 if within is None else patience(within))

    def listening(self, bot: str, *, after: Optional[str] = None, within: Optional[Duration] = None) -> str:
        """Waits until a bot reads its feed, for 5 seconds unless `within` says otherwise; what is said before, it never hears.

        Gives the feed's id. With the id of a feed in `after`, it waits for another: that which the bot has after a
        recovery. In a coroutine use `await pod.listening_async(...)`.
        """
        __tracebackhide__ = True
        if _in_event_loop():
            raise RuntimeError(
                "pod.listening(...) would stop the event loop that it is called on, and the bot that it waits for:"
                " use `await pod.listening_async(...)`"
            )
        return self._listening(bot, after, within)

    async def listening_async(
        self, bot: str, *, after: Optional[str] = None, within: Optional[Duration] = None
    ) -> str:
        """`listening` for coroutines: the event loop goes on meanwhile."""
        __tracebackhide__ = True
        return await asyncio.get_running_loop().run_in_executor(None, partial(self._listening, bot, after, within))

    def _listening(self, bot: str, after: Optional[str], within: Optional[Duration]) -> str:
        __tracebackhide__ = True
        body: Dict[str, Any] = {"user": bot}
        if after is not None:
            body["after"] = after
        if within is not None:
            body["within"] = duration_text(within)
        return journal.listening(self.control, body, 5 if within is None else patience(within))

    def requests(
        self,
        operation: Optional[str] = None,
        *,
        user: Optional[str] = None,
        strict: bool = True,
        status: Union[int, str, None] = None,
        listener: Optional[str] = None,
        refused: Optional[bool] = None,
        since: Since = None,
        limit: Optional[int] = None,
    ) -> Requests:
        """What came to the pod and was answered, the oldest first; with `limit`, the last of it.

        A `user` that nobody is called is refused, unless `strict` is false.
        """
        begin = journal.since_value(since)
        return journal.requests(
            self.control,
            operation=operation,
            user=user,
            strict=None if strict else False,
            status=status,
            listener=listener,
            refused=refused,
            since=begin,
            limit=limit,
        )

    def forget_requests(self) -> None:
        """Empties the journal."""
        self.control.delete("/_mock/requests")
        # From now on an empty journal says nothing about whether bots find the pod.
        self._has_bots = False

    def why(self, request: Optional[Request] = None) -> Optional[Why]:
        """Why a request was refused, by default the last that was. `None` where none was."""
        return journal.why(self.control, request)

    def hints(self) -> List[str]:
        """What a failing test should look at although nothing was refused: messages that were sent before a bot listened,
        a feed whose deletion killed the bot."""
        return [str(hint) for hint in self.control.get("/_mock/hints")["hints"]]

    def snapshot(self, name: Optional[str] = None) -> Snapshot:
        """Takes a snapshot, to which `restore` goes back."""
        answer = self.control.post("/_mock/snapshots", {} if name is None else {"name": name})
        return Snapshot(self, str(answer["name"]))

    def restore(self, snapshot: Union[Snapshot, str]) -> None:
        """Goes back to a snapshot."""
        name = snapshot if isinstance(snapshot, str) else snapshot.name
        self.control.post(f"/_mock/snapshots/{quote(name, safe='')}/restore")

    def snapshots(self) -> List[Snapshot]:
        """Those that were taken."""
        return [Snapshot(self, row["name"]) for row in self.control.get("/_mock/snapshots")["snapshots"]]

    def fork(self, name: str) -> Pod:
        """Another pod that begins as this one is now."""
        return self.server.make(name, {"fork": self.name or "main"}, self)

    def end_sessions(self, user: str) -> None:
        """Ends all sessions of a user, as if their time were over."""
        self.control.delete(f"/_mock/sessions/{quote(user, safe='')}")

    def lose_feed(self, feed: str) -> None:
        """Ends a feed, by its id, as if its time were over: that which `listening` gives, for one."""
        self.control.delete(f"/_mock/feeds/{quote(feed, safe='')}")

    def close_idle_connections(self) -> int:
        """Ends the connections to this pod on which nothing is under way, as load balancers do. Gives how many."""
        return int(self.control.post("/_mock/connections/close")["closed"])

    def reset(self) -> None:
        """Goes back to how the pod began."""
        self.control.post("/_mock/reset")

    @property
    def scenario(self) -> Dict[str, Any]:
        """The pod as it is now, as a document from which another could start."""
        return dict(self.control.get("/_mock/scenario"))

    def load(self, scenario: Union[Mapping[str, Any], str, Path]) -> None:
        """Starts the pod anew from a scenario: a document, or the path of one in YAML or JSON."""
        self._give("PUT", scenario)

    def merge(self, scenario: Union[Mapping[str, Any], str, Path]) -> None:
        """Adds a scenario to the running pod."""
        self._give("POST", scenario)

    def system_event(
        self, stream: str, source_system: str, event_subtype: str, parameters: Optional[Mapping[str, str]] = None
    ) -> None:
        """Lets a system other than the pod make something known in a stream."""
        body = {
            "stream": stream,
            "sourceSystem": source_system,
            "eventSubtype": event_subtype,
            "parameters": dict(parameters or {}),
        }
        self.control.post("/_mock/system-events", body)

    def audit(
        self,
        action: str,
        initiator: str,
        affected: Optional[str] = None,
        *,
        roles: Optional[Sequence[str]] = None,
        at: Optional[Moment] = None,
        **details: str,
    ) -> str:
        """Adds to the audit trail what somebody did by a role, in the administrators' portal for one.

        `action` in words, `Room Deactivated` for one, of which the name is made that is given back; `roles` are by default
        `SUPER_ADMINISTRATOR` alone; `details` what else is told: `attribute="roles"`, `oldValue=`, …
        """
        body: Dict[str, Any] = {"action": action, "initiator": initiator, "details": details}
        if affected is not None:
            body["affected"] = affected
        if roles is not None:
            body["roles"] = list(roles)
        if at is not None:
            body["at"] = moment_value(at)
        return str(self.control.post("/_mock/audit", body)["actionName"])

    def partner_token(self, partner: str) -> str:
        """An access token of a partner's of Community Connect, as Symphony's authorization server gives it.

        Whoever is no partner yet becomes one.
        """
        path = f"/_mock/partners/{quote(partner, safe='')}/token"
        return str(self.control.post(path)["access_token"])

    def plan_semantic_search(self, text: str, *messages: MessageLike) -> None:
        """Says what a search by meaning finds instead of what shares words with its text, the most fitting first."""
        ids = [message_id(message) for message in messages]
        self.control.post("/_mock/semantic-searches", {"text": text, "messages": ids})

    def forget_semantic_searches(self) -> None:
        """Lets searches by meaning rank messages again."""
        self.control.delete("/_mock/semantic-searches")

    def identity_jwt(self, app: str, user: str) -> str:
        """What the pod would tell the front end of an extension app about its user."""
        return str(self.control.post("/_mock/identity-jwt", {"app": app, "user": user})["jwt"])

    def drop(self) -> None:
        """Ends the pod. The main pod stays."""
        self.server.drop(self)

    def _give(self, method: str, scenario: Union[Mapping[str, Any], str, Path]) -> None:
        if isinstance(scenario, (str, Path)):
            # Which JSON is too.
            self.control.exchange(method, "/_mock/scenario", Path(scenario).read_bytes(), "application/yaml")
        else:
            self.control.call(method, "/_mock/scenario", dict(scenario))


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
