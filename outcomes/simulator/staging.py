"""The pretend patient of a simulation, and what they would be asked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from clinic import clock
from clinic.models import Clinic, Location
from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.engine.case import Person
from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.follow_ups.planning.calendar import Desired, SendingHours
from outcomes.simulator import playing
from outcomes.simulator.playing import Event, Ladders
from plans.course import planned
from plans.models import Protocol

# Where nobody is named, the hour of the day is picked by this.
SEED = "somebody"


@dataclass(frozen=True, slots=True)
class Pretended:
    """Who is followed up: where they live, how they are reached, and when."""

    zone: str
    # Those that reach the patient, the preferred one first.
    channels: tuple[str, ...]
    started_on: date
    procedure_on: date | None = None
    prefers_call: bool = False
    lets_pass: int | None = None
    location: Location | None = None
    seed: str = SEED

    def moved(self, days: int) -> "Pretended":
        """The same with the procedure, or the start where there is none, moved."""
        by = timedelta(days=days)
        if self.procedure_on is None:
            return replace(self, started_on=self.started_on + by)
        return replace(self, procedure_on=self.procedure_on + by)


@dataclass(frozen=True, slots=True)
class Play:
    """What was wanted and what came of it."""

    desired: list[Desired]
    events: list[Event]
    anchor_on: date
    hours: SendingHours


def simulate(clinic: Clinic, protocol: Protocol, who: Pretended) -> Play:
    """Until the last window closes, as the engine would go about it.

    The procedure is taken to happen on its day, and staff to say so at once.
    """
    dates = (protocol, who.started_on, who.procedure_on)
    anchor_on = planned.anchor_day(*dates)
    hours = _hours(clinic, who)
    desired = calendar.desired(
        protocol.timepoints.all(),
        anchor_on,
        hours,
        who.seed,
        planned.procedure_day(*dates),
    )
    events = playing.play(
        _person(who, hours),
        desired,
        ladders_of(protocol),
        begins_at=calendar.moment(who.started_on, time(0), who.zone),
        until=max((one.close_at for one in desired), default=clock.now()),
        lets_pass=who.lets_pass,
    )
    return Play(desired, events, anchor_on, hours)


def _hours(clinic: Clinic, who: Pretended) -> SendingHours:
    known = sending_hours.Calendar.as_set(clinic)
    return known.at(who.zone, who.location.pk if who.location else None)


def _person(who: Pretended, hours: SendingHours) -> Person:
    is_reached = bool(who.channels) or who.prefers_call
    return Person(
        hours=hours,
        safety_hours=hours.every_day,
        seed=who.seed,
        channels=who.channels,
        obstacle="" if is_reached else "no address or number with consent",
        prefers_call=who.prefers_call,
    )


def ladders_of(protocol: Protocol) -> Ladders:
    rungs = list(protocol.rungs.all())
    return Ladders(
        routine=_rungs(one for one in rungs if not one.is_safety),
        safety=_rungs(one for one in rungs if one.is_safety),
    )


def _rungs(rows: Iterable[ladder.RungLike]) -> tuple[ladder.Rung, ...]:
    return ladder.rungs_of((row.after_days, row.channel) for row in rows)
