"""How one patient stands at one moment, as values that can be reasoned about."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime

from outcomes.follow_ups.engine.ladder import Rung
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import SendingHours

ASKED = frozenset({"open", "started"})


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked, as things stand."""

    hours: SendingHours
    # The same without closed days: whether all is well is asked on those too.
    safety_hours: SendingHours
    # Picks the time of day; the same for all that one patient is asked.
    seed: str
    # Those that reach the patient now, the preferred one first.
    channels: tuple[str, ...]
    # Why no message can be written at all; empty where one can.
    obstacle: str = ""
    # Wants to be called rather than written to.
    prefers_call: bool = False
    may_be_called: bool = True
    resumes_at: datetime | None = None
    # An emergency or urgent flag is open: people are on it.
    is_flagged: bool = False
    # A hold is why nothing of the open survey has reached the patient.
    is_held_back: bool = False
    # When an invitation was last put into the outbox, and when anything of the open
    # survey was: it may wait there still.
    invitation_queued_at: datetime | None = None
    queued_at: datetime | None = None
    # When a provider last took a message of the open survey.
    sent_at: datetime | None = None

    @property
    def is_written_to(self) -> bool:
        """Rather than called, or looked for by staff."""
        return not (self.obstacle or self.prefers_call)

    def hours_for(self, row: "Row") -> SendingHours:
        return self.safety_hours if row.is_safety else self.hours


@dataclass(frozen=True, slots=True)
class Row:
    """One follow-up that is not final."""

    key: Hashable
    # Its plan and time point: two courses of a plan do not ask the same at once.
    place: Hashable
    course: int
    state: str
    offset_days: int
    opens_on: date
    closes_on: date
    close_at: datetime
    next_action_at: datetime | None
    ladder: tuple[Rung, ...] = ()
    is_safety: bool = False
    is_baseline: bool = False
    asked_at: datetime | None = None
    reminded_until: datetime | None = None
    who: str = calendar.PATIENT
    is_answered: bool = False

    @property
    def is_clinicians(self) -> bool:
        """Nobody is written to about it."""
        return self.who == calendar.CLINICIAN

    @property
    def is_asked(self) -> bool:
        return self.state in ASKED and not self.is_clinicians

    def is_due(self, now: datetime) -> bool:
        return self.next_action_at is not None and self.next_action_at <= now
