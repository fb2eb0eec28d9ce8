"""Times as Python has them, and as the pod reads them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Union

#: A text such as `"90s"`, `"15m"`, `"14d"`; a number of seconds; or a `timedelta`.
Duration = Union[str, int, float, timedelta]

#: A text such as `"2030-01-31T12:00:00Z"`; milliseconds since 1970; or a `datetime` with a time zone.
Moment = Union[str, int, datetime]


def duration_text(duration: Duration) -> str:
    """A duration as the pod reads it."""
    if isinstance(duration, str):
        return duration
    return f"{round(_seconds(duration) * 1000)}ms"


def patience(duration: Duration) -> float:
    """How many seconds to wait for an answer that takes so long. A text that the pod will refuse counts as nothing."""
    if not isinstance(duration, str):
        return _seconds(duration)
    units = {"ms": 0.001, "msec": 0.001, "s": 1, "sec": 1, "secs": 1, "m": 60, "min": 60, "mins": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"(\d+)\s*([a-z]+)", duration)
    return float(sum(int(number) * units.get(unit, 0) for number, unit in parts))


def moment_value(moment: Moment) -> Union[str, int]:
    """A moment as the pod reads it."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; datetime.timezone.utc is one")
    return round(moment.timestamp() * 1000)


def _seconds(duration: Union[int, float, timedelta]) -> float:
    length = duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    if length < 0:
        raise ValueError(f"{duration!r} is negative")
    return length
