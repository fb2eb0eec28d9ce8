"""What goes wrong because a test wants it to."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union
from urllib.parse import quote

from .control import Control
from .units import Duration, duration_text


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
        operation: Union[str, Sequence[str], None] = None,
        *,
        user: Optional[str] = None,
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
    ) -> Fault:
        """Makes calls go wrong: those of an operation, or of several (`*` stands for any text), or all.

        `user`: only calls of this user or app, who may be still to come where `strict` is false. `nth`: not before the n-th call that matches. `times`: at most so often.
        `probability`: by chance, which is the same in every run, and at most `in_a_row` times in a row.

        `status`, with `body`, `headers` and `retry_after` in seconds: this answer. `delay`: later, by the pod's clock.
        `hang`: never. `reset`: the connection is. `cut_body`, `malformed_json`, `content_type`: the answer is spoilt.
        `expire_session`, `lose_feed`: they are gone. `duplicate_events`, `reorder_events`, `withhold_events` (for a
        duration as text, or a number of reads): what feeds hand out.
        """
        if withhold_events is not None and not isinstance(withhold_events, int):
            withhold_events = duration_text(withhold_events)
        fields: Dict[str, Any] = {
            "operation": operation if operation is None or isinstance(operation, str) else list(operation),
            "user": user,
            "strict": None if strict else False,
            "name": name,
            "nth": nth,
            "times": times,
            "probability": probability,
            "inARow": in_a_row,
            "status": status,
            "body": body,
            "headers": None if headers is None else dict(headers),
            "retryAfter": retry_after,
            "delay": None if delay is None else duration_text(delay),
            "hang": hang or None,
            "reset": reset or None,
            "cutBody": cut_body or None,
            "malformedJson": malformed_json or None,
            "contentType": content_type,
            "expireSession": expire_session or None,
            "loseFeed": lose_feed or None,
            "duplicateEvents": duplicate_events or None,
            "reorderEvents": reorder_events or None,
            "withholdEvents": withhold_events,
        }
        return self._post(fields)

    def pack(
        self,
        pack: str,
        *,
        operation: Union[str, Sequence[str], None] = None,
        user: Optional[str] = None,
        nth: Optional[int] = None,
        times: Optional[int] = None,
        delay: Optional[Duration] = None,
    ) -> Fault:
        """Injects a fault that is known from the field, by its name (`packs()` lists them); the rest narrows it down."""
        fields: Dict[str, Any] = {
            "pack": pack,
            "operation": operation if operation is None or isinstance(operation, str) else list(operation),
            "user": user,
            "nth": nth,
            "times": times,
            "delay": None if delay is None else duration_text(delay),
        }
        return self._post(fields)

    def packs(self) -> List[Dict[str, Any]]:
        """The faults that have a name, each with what it does."""
        return list(self._control.get("/_mock/faults/packs")["packs"])

    def active(self) -> List[Dict[str, Any]]:
        """The faults that are injected now."""
        return list(self._control.get("/_mock/faults")["faults"])

    def clear(self) -> None:
        """Removes them all."""
        self._control.delete("/_mock/faults")

    def _post(self, fields: Mapping[str, Any]) -> Fault:
        given = {name: value for name, value in fields.items() if value is not None}
        return Fault(self._control, self._control.post("/_mock/faults", given))
