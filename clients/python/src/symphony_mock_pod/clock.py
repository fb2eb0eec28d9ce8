"""The pod's clock, by which sessions end, feeds go stale and messages are dated."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from .control import Control
from .units import Duration, Moment, duration_text, moment_value


class Clock:
    """Freeze it, move it, let it run. Every verb gives the time after it."""

    def __init__(self, control: Control):
        self._control = control

    @property
    def now(self) -> datetime:
        """The time on the pod's clock, in UTC."""
        return _moment(self._control.get("/_mock/clock"))

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return bool(self._control.get("/_mock/clock")["frozen"])

    def freeze(self) -> datetime:
        """Stops the clock."""
        return _moment(self._control.post("/_mock/clock/freeze"))

    def run(self) -> datetime:
        """Lets the clock run on from where it is."""
        return _moment(self._control.post("/_mock/clock/run"))

    def advance(self, by: Duration) -> datetime:
        """Moves the clock forward: `"15d"`, seconds, or a `timedelta`."""
        return _moment(self._control.post("/_mock/clock/advance", {"by": duration_text(by)}))

    def set(self, to: Moment) -> datetime:
        """Moves the clock to a moment, forward or back."""
        return _moment(self._control.post("/_mock/clock/set", {"to": moment_value(to)}))


def _moment(reading: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=reading["now"])
