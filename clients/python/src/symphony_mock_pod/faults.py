"""What goes wrong because a test wants it to."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Type, Union
from urllib.parse import quote

from .control import Control
from .units import Duration, duration_text

Operations = Union[str, Sequence[str], None]
#: The arguments of another fault, as a dictionary: those of `Faults.inject`, and `pack`.
Plan = Mapping[str, Any]


class Fault:
    """An injected fault. As a context manager it is removed at the end; without, it stays until the pod goes."""

    def __init__(self, control: Control, document: Mapping[str, Any]):
        self._control = control
        self.id = str(document["id"])
        #: The fault as the pod described it when it was injected.
        self.document: Dict[str, Any] = dict(document)

    def __repr__(self) -> str:
        return f"Fault({self.document!r})"

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Ends it. Calls that it holds up go on."""
        self._control.delete(f"/_mock/faults/{quote(self.id, safe='')}")


class Faults:
    """The faults of a pod."""

    def __init__(self, control: Control):
        self._control = control

    def inject(
        self,
        operation: Operations = None,
        *,
        user: Optional[str] = None,
        listener: Optional[str] = None,
        strict: bool = True,
        name: Optional[str] = None,
        nth: Optional[int] = None,
        times: Optional[int] = None,
        probability: Optional[float] = None,
        in_a_row: Optional[int] = None,
        status: Optional[int] = None,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        retry_after: Optional[int] = None,
        delay: Optional[Duration] = None,
        hang: bool = False,
        reset: bool = False,
        cut_body: bool = False,
        malformed_json: bool = False,
        content_type: Optional[str] = None,
        expire_session: bool = False,
        lose_feed: bool = False,
        duplicate_events: bool = False,
        reorder_events: bool = False,
        withhold_events: Union[int, Duration, None] = None,
        add_fields: Optional[Mapping[str, Any]] = None,
        set_fields: Optional[Mapping[str, Any]] = None,
        add_events: Optional[Sequence[Any]] = None,
        unhealthy: Optional[Sequence[str]] = None,
        refuse_connections: bool = False,
        end_handshakes: bool = False,
        also: Sequence[Plan] = (),
    ) -> Fault:
        """Makes calls go wrong: those of an operation, or of several (`*` stands for any text), or all.

        `user`: only calls of this user or app, who may be still to come where `strict` is false. `listener`: only what
        comes to this listener, by its name, or by a role for the first that has it; `proxy` is the forward proxy, whose
        answer to `CONNECT` is meant then. `name`: what answers and the journal call it. `nth`: not before the n-th call that matches. `times`: at most so often.
        `probability`: by chance, which is the same in every run, and at most `in_a_row` times in a row.

        `status`, with `body`, `headers` and `retry_after` in seconds: this answer. `delay`: later, by the pod's clock.
        `hang`: never. `reset`: the connection is. `cut_body`, `malformed_json`, `content_type` (none where it is
        empty): the answer is spoilt. `expire_session`, `lose_feed`: they are gone. `duplicate_events`,
        `reorder_events`, `withhold_events` (for a duration as text, or a number of reads): what feeds hand out.

        `add_fields`: objects in answers have these beside their own, as those of a pod that is newer than the bot.
        `set_fields`: fields of these names have these values wherever answers have them. `add_events`: reads of feeds
        hand these out at once, whatever they are. `unhealthy`: the extended health calls these down, with 503 (`pod`,
        `datafeed`, `key_manager`, `agentservice`, `ceservice`).

        `refuse_connections`, `end_handshakes`: connections to the listener, or to all, are reset, or end in their
        handshake, and those that are open end. Only the main pod may say so.

        `also`: faults that begin and end with this one, and mean the same user unless they say otherwise:
        `inject("datafeeds_read_v5", status=401, also=[{"operation": "pubkey_authenticate", "status": 503}])`.
        """
        arguments = dict(locals())
        del arguments["self"]
        return self._post(arguments)

    def pack(
        self,
        pack: str,
        *,
        operation: Operations = None,
        user: Optional[str] = None,
        listener: Optional[str] = None,
        strict: bool = True,
        name: Optional[str] = None,
        nth: Optional[int] = None,
        times: Optional[int] = None,
        probability: Optional[float] = None,
        in_a_row: Optional[int] = None,
        delay: Optional[Duration] = None,
        status: Optional[int] = None,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        retry_after: Optional[int] = None,
        also: Sequence[Plan] = (),
    ) -> Fault:
        """Injects a fault that is known from the field, by its name (`packs()` lists them); the rest narrows it down.

        `status`, `body`, `headers` and `retry_after` are for packs that answer with a status; others refuse them.
        """
        arguments = dict(locals())
        del arguments["self"]
        return self._post(arguments)

    def packs(self) -> List[Dict[str, Any]]:
        """The faults that have a name, each with what it does."""
        return list(self._control.get("/_mock/faults/packs")["packs"])

    def active(self) -> List[Dict[str, Any]]:
        """The faults that are injected now."""
        return list(self._control.get("/_mock/faults")["faults"])

    def clear(self) -> None:
        """Removes them all."""
        self._control.delete("/_mock/faults")

    def _post(self, arguments: Plan) -> Fault:
        return Fault(self._control, self._control.post("/_mock/faults", _document(arguments)))


def _document(arguments: Plan) -> Dict[str, Any]:
    """The arguments of a fault as the control port takes them, without those that say nothing."""
    return {
        _field(name): _CONVERSIONS.get(name, _same)(value)
        for name, value in arguments.items()
        if _says_something(name, value)
    }


def _says_something(name: str, value: Any) -> bool:
    if name == "also":
        return bool(value)
    default = True if name == "strict" else None if name == "body" else False
    return value is not None and value is not default


def _field(name: str) -> str:
    if name == "also":
        return "and"
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _same(value: Any) -> Any:
    return value


def _operations(value: Any) -> Any:
    return value if isinstance(value, str) else list(value)


def _withheld(value: Any) -> Any:
    return value if isinstance(value, int) else duration_text(value)


def _plans(plans: Sequence[Plan]) -> List[Dict[str, Any]]:
    return [_document(plan) for plan in plans]


_CONVERSIONS: Dict[str, Callable[[Any], Any]] = {
    "operation": _operations,
    "headers": dict,
    "delay": duration_text,
    "withhold_events": _withheld,
    "add_fields": dict,
    "set_fields": dict,
    "add_events": list,
    "unhealthy": list,
    "also": _plans,
}
