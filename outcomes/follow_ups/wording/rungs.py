"""Reminders worded each for its rung: "reminder-7" is what day 7 of a ladder says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from clinic.models import Clinic
from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.wording.defaults import Key
from outcomes.models.messages import Kind
from plans.models import ReminderRung

# As `ladder.Rung.name` has it.
_RUNG = re.compile(r"day-(\d+)-")
_WORDED = re.compile(rf"{Kind.REMINDER.value}-([1-9]\d?)")
LAST_DAY = 90


@dataclass(frozen=True, slots=True)
class Sort:
    """What a message is for, as far as it is worded by itself."""

    value: str
    label: str

    def __str__(self) -> str:
        return self.value


def sort_of(kind: str) -> Sort | None:
    """None for what is no kind of message."""
    if kind in Kind.values:
        return Sort(kind, Kind(kind).label)
    found = _WORDED.fullmatch(kind)
    if not found or int(found[1]) > LAST_DAY:
        return None
    return Sort(kind, f"{Kind.REMINDER.label} of day {found[1]}")


def worded_as(kind: str, rung: str) -> str:
    """The sort of words that a message asks for, by its own kind and rung."""
    found = _RUNG.match(rung) if kind == Kind.REMINDER else None
    return f"{kind}-{found[1]}" if found else kind


def kind_of(worded: str) -> str:
    """The kind of message, whose words stand where a rung has none of its own."""
    return worded.partition("-")[0]


def whole(key: Key) -> Key:
    channel, worded, language = key
    return channel, kind_of(worded), language


def sorts(clinic: Clinic, own: Iterable[Key]) -> list[Sort]:
    """The kinds, and below the reminder each day on which some ladder sends one."""
    rungs = ReminderRung.objects.filter(
        protocol__clinic=clinic, protocol__retired_at=None, after_days__gt=0
    ).exclude(channel__in=(ladder.CALL, ladder.RESCUE))
    days = set(rungs.order_by().values_list("after_days", flat=True).distinct())
    worded = {f"{Kind.REMINDER.value}-{day}" for day in days}
    worded |= {kind for _, kind, _ in own if kind not in Kind.values}
    by_day = sorted(worded, key=lambda kind: int(kind.rpartition("-")[2]))
    named = []
    for kind in Kind.values:
        named += [kind, *(by_day if kind == Kind.REMINDER else [])]
    return [sort for kind in named if (sort := sort_of(kind))]
