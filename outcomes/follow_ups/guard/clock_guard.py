"""Whether the clock can be believed. Pure.

A clock that jumps ahead would send in one minute what is due in a year, and end what
is not over. So the wall's clock is held against the machine's own, which only a
restart sets back: a laptop that slept and a Monday morning leave the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

JUMP = timedelta(hours=2)
# Clocks of several machines differ by a little.
SLACK = timedelta(minutes=5)
# A shorter stop is a shutdown; after a longer one people look first.
LONG_STOP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sight:
    """Both clocks, as one job saw them at one moment."""

    boot: str
    at: datetime
    # Seconds since the machine was started.
    uptime: float


class Kind(StrEnum):
    JUMPED = "jumped"
    WENT_BACK = "went_back"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    # When the last look was; what the clock should have shown now, and what it shows.
    last: datetime
    expected: datetime
    seen: datetime

    @property
    def evidence(self) -> dict[str, str]:
        return {
            "fault": self.kind.value,
            "last": self.last.isoformat(),
            "expected": self.expected.isoformat(),
            "seen": self.seen.isoformat(),
        }


def fault(now: Sight, own: Sight | None, newest: Sight | None) -> Fault | None:
    """What is wrong with the clock; `own` is the last look since the machine's start,
    `newest` the last of any machine or start.
    """
    if own is not None and now.uptime >= own.uptime:
        expected = own.at + timedelta(seconds=now.uptime - own.uptime)
        is_jump = abs(now.at - expected) > JUMP
        return Fault(Kind.JUMPED, own.at, expected, now.at) if is_jump else None
    if newest is None:
        return None
    if now.at < newest.at - SLACK:
        return Fault(Kind.WENT_BACK, newest.at, newest.at, now.at)
    if now.at - newest.at > LONG_STOP:
        return Fault(Kind.STOPPED, newest.at, newest.at, now.at)
    return None
