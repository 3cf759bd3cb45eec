"""What a new version means for what one plan has planned: pure, before it is done.

What was performed or cancelled stays as it is, and so does what was added for this
patient. What is planned moves by as many days as its step moved in the protocol, so
that a date agreed with the patient is not lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic import clock
from plans.models import Intervention, Protocol, ProtocolStep
from plans.protocols import step_days

Status = Intervention.Status
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Repeat:
    """One repeat of a step of a version, and its day of the plan."""

    step: ProtocolStep
    number: int
    day: int

    @property
    def place(self) -> Place:
        return self.step.key, self.number

    @property
    def is_last(self) -> bool:
        return self.number == self.step.repeats

    @property
    def title(self) -> str:
        return self.step.title_of(self.number)


@dataclass(slots=True)
class StepChanges:
    """For one plan: what is added on a day, cancelled, and kept, perhaps re-dated."""

    added: list[tuple[Repeat, date]] = field(default_factory=list)
    removed: list[Intervention] = field(default_factory=list)
    kept: list[tuple[Intervention, Repeat, date | None]] = field(default_factory=list)
    # Their day has passed, or they were performed or cancelled under the old version.
    too_late: list[tuple[Repeat, date]] = field(default_factory=list)

    @property
    def redated(self) -> list[tuple[Intervention, Repeat, date]]:
        return [
            (row, repeat, day)
            for row, repeat, day in self.kept
            if day is not None and day != row.planned_on
        ]

    def in_words(self) -> Iterator[str]:
        for repeat, day in self.added:
            yield f"{repeat.title} is added on {_words(day)}"
        for row in self.removed:
            yield f"{row.title} is cancelled"
        for row, _, day in self.redated:
            yield f"{row.title} moves from {_words(row.planned_on)} to {_words(day)}"
        for repeat, day in self.too_late:
            yield f"{repeat.title} is not added: {_words(day)} has passed"


def _words(day: date | None) -> str:
    return clock.in_words(day) if day else "no day"


def repeats(protocol: Protocol) -> dict[Place, Repeat]:
    """Every repeat of every step; reads the steps once."""
    steps = list(protocol.steps.all())
    days = step_days.days(steps)
    found = [
        Repeat(step, number, day)
        for step in steps
        for number, day in enumerate(days[step.key], start=1)
    ]
    return {repeat.place: repeat for repeat in found}


def changes(
    standing: Sequence[Intervention],
    old: dict[Place, Repeat],
    new: dict[Place, Repeat],
    *,
    started_on: date,
    today: date,
) -> StepChanges:
    """`standing` are all interventions of the plan that came from a step."""
    first = [row for row in standing if row.step is not None and row.course == 1]
    # What was entered in error was planned again, and that row stands for it.
    first = [row for row in first if row.status != Status.ENTERED_IN_ERROR]
    by_place = {_place(row): row for row in first}
    found = StepChanges()
    for place, row in by_place.items():
        if row.status == Status.PLANNED:
            _sort(found, row, old.get(place), new.get(place))
    for place, repeat in new.items():
        if place not in by_place:
            day = _day_of(repeat, by_place, old, new, started_on)
            listed = found.added if day >= today else found.too_late
            listed.append((repeat, day))
    return found


def _place(row: Intervention) -> Place:
    return (row.step.key if row.step else "", row.series_number or 1)


def _sort(
    found: StepChanges, row: Intervention, was: Repeat | None, becomes: Repeat | None
) -> None:
    if becomes is None:
        found.removed.append(row)
        return
    moved = timedelta(days=becomes.day - was.day if was else 0)
    found.kept.append((row, becomes, row.planned_on and row.planned_on + moved))


def _day_of(
    repeat: Repeat,
    by_place: dict[Place, Intervention],
    old: dict[Place, Repeat],
    new: dict[Place, Repeat],
    started_on: date,
) -> date:
    """As the protocol says, from where what it comes after really is."""
    day = started_on + timedelta(days=repeat.day)
    before = _before(repeat, new)
    row = by_place.get(before.place) if before else None
    was = old.get(before.place) if before else None
    if row is None or row.on is None or was is None:
        return day
    return day + (row.on - (started_on + timedelta(days=was.day)))


def _before(repeat: Repeat, new: dict[Place, Repeat]) -> Repeat | None:
    """The repeat before it, else the last of the step it comes after."""
    if repeat.number > 1:
        return new.get((repeat.step.key, repeat.number - 1))
    of_step = [r for r in new.values() if r.step.key == repeat.step.after and r.is_last]
    return of_step[0] if of_step else None
