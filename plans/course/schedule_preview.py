"""On which days a protocol would ask how it goes, before a plan is started."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from plans.models import Timepoint


@dataclass(frozen=True, slots=True)
class Asking:
    """A time point on the calendar; `is_over` where its window has closed already."""

    label: str
    purpose: str
    who: str
    asks_on: date
    opens_on: date
    closes_on: date
    is_over: bool


def askings(
    timepoints: Iterable[Timepoint], *, anchor_on: date, today: date
) -> list[Asking]:
    """In the order they are asked; one whose day has passed is asked today."""
    dated = [asking(timepoint, anchor_on, today) for timepoint in timepoints]
    return sorted(dated, key=lambda one: (one.asks_on, one.closes_on))


def asking(timepoint: Timepoint, anchor_on: date, today: date) -> Asking:
    opens_on, asks_on, closes_on = (
        anchor_on + timedelta(days=day)
        for day in (timepoint.open_day, timepoint.ask_day, timepoint.close_day)
    )
    is_over = closes_on < today
    return Asking(
        label=timepoint.label,
        purpose=timepoint.purpose,
        who=timepoint.get_who_display(),
        asks_on=asks_on if is_over else max(asks_on, today),
        opens_on=opens_on,
        closes_on=closes_on,
        is_over=is_over,
    )
