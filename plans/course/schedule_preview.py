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
    # An invitation goes to the patient; what a clinician fills in sends none.
    asks_patient: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Invitations:
    """How many would be sent; what is over is never asked, however far back it lies."""

    future: int
    # Of these, those that go at once: it is their day, or that has passed while the
    # window is still open.
    today: int
    over: int
    past: int = 0

    @property
    def in_words(self) -> str:
        said = f"{self.past} past invitations, {self.future} future"
        if self.today:
            said += f" ({self.today} of them today)"
        if self.over:
            points, are = ("time point", "is") if self.over == 1 else _MANY
            said += f"; {self.over} {points} {are} over and never asked"
        return f"{said}."


_MANY = ("time points", "are")


def invitations(asked: Iterable[Asking]) -> Invitations:
    """Nothing is sent for the past: a plan may be entered long after it began."""
    own = [one for one in asked if one.asks_patient]
    future = [one for one in own if not one.is_over]
    return Invitations(
        future=len(future),
        today=sum(one.is_today for one in future),
        over=len(own) - len(future),
    )


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
        asks_patient=timepoint.who != Timepoint.Who.CLINICIAN,
        is_today=asks_on <= today and not is_over,
    )
